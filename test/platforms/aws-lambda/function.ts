import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { type Outcome, ResponseThen, withResponseThen } from "../../../adapters/aws-lambda.ts";
import { ResponseThen as CoreResponseThen } from "../../../src/index.ts";

/** Tells the test, in the order of the events. */
async function note(...event: unknown[]): Promise<void> {
  await fetch(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/notes`, { method: "POST", body: JSON.stringify(event) });
}

function record(name: string) {
  return async (outcome: Outcome) => {
    // So that it is late where nobody waits.
    await pause(50);
    const { type, observed, bytes, response } = outcome;
    const why = type === "errored" ? `${outcome.error}` : type === "canceled" ? outcome.reason.name : bytes;
    await note(name, type, observed, response.status, why);
  };
}

const dropped: Response[] = [];

let release = () => {};

function source(pieces: number, size: number, fails = false) {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (pulls++ < pieces) return controller.enqueue(new Uint8Array(size).fill(97));
        if (fails) throw new Error("source failed");
        await note("source ends");
        controller.close();
      },
      cancel: () => note("source canceled"),
    },
    { highWaterMark: 0 },
  );
}

export const handler = withResponseThen(async (request, event, context) => {
  const url = new URL(request.url);
  await pause(1);
  switch (url.pathname) {
    case "/string":
      return new ResponseThen("Hello", record("own"));
    case "/core":
      return new CoreResponseThen("Hello", record("own"));
    case "/stream":
      return new ResponseThen(source(5, 1_000), record("own"));
    case "/big":
      return new ResponseThen(source(512, 65_536), record("own"));
    case "/fails":
      return new ResponseThen(source(2, 1_000, true), record("own"));
    case "/nothing":
      return new ResponseThen(null, record("own"), { status: 204 });
    case "/redirect":
      return ResponseThen.redirect("https://example.com/", record("own"));
    case "/dropped":
      // Kept, so that it is not collected: its body is left to whoever may still read it.
      dropped.push(new ResponseThen(source(1, 1), record("own")));
      return new Response("another");
    case "/plain-text":
      return new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue("Hällo");
            controller.close();
          },
        }),
      );
    case "/never-cancels":
      return new Response(new ReadableStream({ cancel: () => new Promise(() => {}) }));
    case "/waits":
      return new ResponseThen("Hello", async (outcome) => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        await record("own")(outcome);
      });
    case "/release":
      release();
      return new Response();
    case "/late":
      return new ResponseThen("Hello", ({ response }) => {
        setTimeout(() => (response as ResponseThen).onFinished(record("late")), 10);
        return pause(30);
      });
    case "/cookies": {
      const headers = new Headers({ "x-a": "1" });
      headers.append("set-cookie", "a=1; Path=/");
      headers.append("set-cookie", "b=2; Path=/");
      return new Response(null, { headers });
    }
    case "/echo": {
      const { method, headers } = request;
      const body = [...new Uint8Array(await request.arrayBuffer())];
      const given = [event.rawPath, typeof context.getRemainingTimeInMillis()];
      return Response.json({ method, url: request.url, headers: Object.fromEntries(headers), body, given });
    }
    default:
      throw new Error("no such answer");
  }
}, record("adapter"));
