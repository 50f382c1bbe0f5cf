// The function of the test: runs on the Edge Runtime and on Node.
import { type Outcome, ResponseThen, withResponseThen } from "../../../adapters/vercel.ts";
import { ResponseThen as CoreResponseThen } from "../../../src/index.ts";

/** Of the host: writes down what happened to a request. */
declare function note(id: string, event: string): void;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function record(id: string, name: string) {
  return async (outcome: Outcome) => {
    // So that it is late without a waitUntil.
    await pause(50);
    const { type, observed, bytes, response } = outcome;
    const why = type === "canceled" ? `, ${outcome.reason.name}` : type === "errored" ? `, ${outcome.error}` : "";
    note(id, `${name}: ${type}, ${observed}, ${response.status}${why || `, ${bytes} bytes`}`);
  };
}

/** Pieces of 1,000 bytes, and then an end or a failure. */
function source(id: string, pieces: number, fails = false) {
  let pulls = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        await pause(5);
        if (pulls++ < pieces) return controller.enqueue(new Uint8Array(1_000));
        if (fails) throw new Error("source failed");
        controller.close();
      },
      cancel: () => note(id, "source canceled"),
    },
    { highWaterMark: 0 },
  );
}

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const id = searchParams.get("id") as string;
  const own = record(id, "own");
  // The context is found after it too.
  await pause(1);
  switch (pathname.split("/")[2]) {
    case "string":
      return new ResponseThen("Hello", own);
    case "core":
      return new CoreResponseThen("Hello", own);
    case "plain":
      return new Response("Hello");
    case "stream":
      return new ResponseThen(source(id, 5), own);
    case "flowing":
      return new ResponseThen(source(id, Number.POSITIVE_INFINITY), own);
    case "fails":
      return new ResponseThen(source(id, 2, true), own);
    case "nothing":
      return new ResponseThen(null, own, { status: 204 });
    case "dropped":
      void new ResponseThen(null, own);
      return new Response("another");
    default:
      throw new Error("no such answer");
  }
}

/** Answers by the way that the path begins with. */
export function fetch(request: Request): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname.startsWith("/alone/")) return answer(request);
  if (pathname.startsWith("/wrapped/")) return withResponseThen(answer)(request);
  return withResponseThen(answer, record(searchParams.get("id") as string, "adapter"))(request);
}
