// A server on Bun that answers a text, a slow stream and a file. It writes a line of log when an answer has ended, and
// at SIGTERM it stops without losing one.
import { type Callback, drain, ResponseThen, withResponseThen } from "response-then/bun";

/** `@types/bun` has this too. */
declare const Bun: {
  serve(options: { port: number; routes: Record<string, (request: Request) => Response> }): {
    readonly port: number;
    stop(): Promise<void>;
  };
  file(path: URL): Blob;
  sleep(ms: number): Promise<void>;
};

/** Twenty lines, one every 60 ms. */
function slowLines(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await Bun.sleep(60);
      controller.enqueue(encoder.encode(`line ${++line}\n`));
      if (line === 20) controller.close();
    },
  });
}

/** A callback that writes a line about the answer to a request. */
function log({ method, url }: Request): Callback {
  return ({ type, response, bytes, duration, observed }) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(
      `${method} ${new URL(url).pathname} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`,
    );
  };
}

const server = Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  routes: {
    "/": withResponseThen((request) => new ResponseThen("Hello\n", log(request))),
    "/stream": withResponseThen(
      (request) => new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } }),
    ),
    "/download": withResponseThen((request) => {
      const headers = { "content-disposition": "attachment" };
      return new ResponseThen(Bun.file(new URL("README.md", import.meta.url)), log(request), { headers });
    }),
    "/*": withResponseThen((request) => new ResponseThen("Not found\n", log(request), { status: 404 })),
  },
});
console.log(`http://localhost:${server.port}`);

process.once("SIGTERM", async () => {
  // What is open may end, and then the callbacks: together less than the 10 s that a container usually has.
  await Promise.race([server.stop(), Bun.sleep(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  process.exit(pending === 0 ? 0 : 1);
});
