// The Worker of ahead.test.ts: what a wrapped one answers is kept, and something else is sent.
import { ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

let pulls = 0;
const kept: Response[] = [];

const wrapped = withResponseThen((_request: Request) => {
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulls++;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
  return new ResponseThen(source, () => {});
});

export default {
  async fetch(request: Request, ...rest: [unknown, unknown]): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/pulls") return Response.json(pulls);
    kept.push(await (wrapped as (...all: unknown[]) => Response)(request, ...rest));
    return new Response("another one");
  },
};
