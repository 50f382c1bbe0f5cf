// Run by deno-head.test.ts: asks for the head of texts, and prints how each has ended.
import { ResponseThen } from "../../../src/index.ts";

declare const Deno: {
  serve(
    options: { port: number; onListen(): void },
    handler: (request: Request) => Response,
  ): { addr: { port: number }; shutdown(): Promise<void> };
};

const ended: Promise<unknown>[] = [];
const server = Deno.serve({ port: 0, onListen() {} }, ({ url }) => {
  const length = Number(new URL(url).pathname.slice(1));
  const response = new ResponseThen("x".repeat(length), ({ type }) => console.log(`${length} ${type}`));
  ended.push(response.finished);
  return response;
});
for (const length of [12, 65_536, 65_537, 1_000_000]) {
  await fetch(`http://127.0.0.1:${server.addr.port}/${length}`, { method: "HEAD" });
  await ended.at(-1);
}
await server.shutdown();
