// The Worker of iterables.test.ts: /<way>/<kind>.
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

const events: string[] = [];

async function* text(): AsyncGenerator<Uint8Array | string> {
  yield new TextEncoder().encode("one ");
  await new Promise((resolve) => setTimeout(resolve, 5));
  yield "two";
}

async function* flow(): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      yield new Uint8Array(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    events.push("released");
  }
}

function answer(request: Request): Response {
  const [, way, kind] = new URL(request.url).pathname.split("/");
  const body = (kind === "flow" ? flow() : text()) as unknown as ReadableStream;
  if (way === "plain") return new Response(body);
  return new ResponseThen(
    body,
    ({ type, bytes }: Outcome) => void events.push(kind === "flow" ? type : `${type} ${bytes}`),
  );
}

const wrapped = withResponseThen(answer);

export default {
  fetch(request: Request, ...rest: [unknown, unknown]): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/events") return Response.json(events.splice(0));
    return pathname.startsWith("/wrapped/")
      ? (wrapped as (...all: unknown[]) => Response)(request, ...rest)
      : answer(request);
  },
};
