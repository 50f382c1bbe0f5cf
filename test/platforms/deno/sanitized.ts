// Run by deno-sanitizers.test.ts with `deno test`: each test ends with drain(), and Deno looks for what it leaves behind.
import { withResponseThen } from "../../../adapters/deno.ts";
import { drain, ResponseThen } from "../../../src/index.ts";

interface TestOptions {
  name: string;
  sanitizeOps: boolean;
  sanitizeResources: boolean;
}

declare const Deno: {
  test(options: TestOptions, run: () => Promise<void>): void;
  serve(
    options: { port: number; onListen(): void },
    handler: (request: Request, info: { completed: Promise<void> }) => Response | Promise<Response>,
  ): { addr: { port: number }; shutdown(): Promise<void> };
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const slow = () => pause(20);
const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1)) });

const cases: [name: string, use: () => Promise<unknown>][] = [
  ["a text that is read", () => new ResponseThen("text", slow).text()],
  ["no body", async () => new ResponseThen(null, slow)],
  ["a stream that is canceled", async () => new ResponseThen(endless(), slow).body?.cancel()],
  [
    "a source that fails",
    () => new ResponseThen(new ReadableStream({ pull: () => Promise.reject("failed") }), slow).text().catch(() => {}),
  ],
  [
    "a server",
    async () => {
      const handler = withResponseThen(() => new ResponseThen("text", slow));
      const server = Deno.serve({ port: 0, onListen() {} }, handler);
      await (await fetch(`http://localhost:${server.addr.port}/`)).text();
      await server.shutdown();
    },
  ],
];

for (const [name, use] of cases) {
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true }, async () => {
    await use();
    await drain();
  });
}

// The control: if nothing is reported here, Deno reports nothing above either.
Deno.test({ name: "without drain()", sanitizeOps: true, sanitizeResources: true }, async () => {
  await new ResponseThen("text", slow).text();
});
