// A server on Deno that answers a text, a slow stream and a file. It writes a line of log when an answer has ended, and
// at SIGTERM it stops without losing one.
import { drain, type Outcome, ResponseThen, withResponseThen } from "response-then/deno";

/** Deno knows this by itself; it is here for other type checkers. */
declare const Deno: {
  serve(
    options: { port: number; onListen(address: { port: number }): void },
    handler: (request: Request, info: unknown) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
  open(path: URL): Promise<{ readonly readable: ReadableStream<Uint8Array> }>;
  addSignalListener(signal: "SIGTERM", listener: () => void): void;
  exit(code: number): never;
  readonly env: { get(name: string): string | undefined };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Twenty lines, one every 60 ms. */
function slowLines(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await pause(60);
      controller.enqueue(encoder.encode(`line ${++line}\n`));
      if (line === 20) controller.close();
    },
  });
}

async function answer(request: Request): Promise<Response> {
  const { pathname: path } = new URL(request.url);
  const log = ({ type, response, bytes, duration, observed }: Outcome) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(`${request.method} ${path} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`);
  };
  if (path === "/") return new ResponseThen("Hello\n", log);
  if (path === "/stream") return new ResponseThen(slowLines(), log, { headers: { "content-type": "text/plain" } });
  if (path === "/download") {
    const { readable } = await Deno.open(new URL("README.md", import.meta.url));
    return new ResponseThen(readable, log, {
      headers: { "content-type": "text/markdown", "content-disposition": "attachment" },
    });
  }
  return new ResponseThen("Not found\n", log, { status: 404 });
}

const options = {
  port: Number(Deno.env.get("PORT") ?? 3000),
  onListen: ({ port }: { port: number }) => console.log(`http://localhost:${port}`),
};
const server = Deno.serve(options, withResponseThen(answer));

Deno.addSignalListener("SIGTERM", async () => {
  // What is open may end, and then the callbacks: together less than the 10 s that a container usually has.
  await Promise.race([server.shutdown(), pause(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  Deno.exit(pending === 0 ? 0 : 1);
});
