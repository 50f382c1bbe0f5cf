import process from "node:process";
import { createFetch, type Handler } from "../app.ts";

interface Server {
  readonly port: number;
  upgrade(request: Request): boolean;
}
declare const Bun: { serve(options: object): Server };

const isOurs = process.argv[2] === "ours";
const ours = isOurs ? (await import("../ours.ts")).oursOf(await import("../../../adapters/bun.ts")) : undefined;
const lines: string[] = [];

/** Upgrades its requests to WebSockets, and logs them. */
async function upgrading(): Promise<Handler> {
  const { compose, logger } = await import("../../../src/middleware/index.ts");
  const answer = (request: Request, server: Server) =>
    server.upgrade(request) ? undefined : new Response("Upgrade required", { status: 426 });
  return compose(answer as unknown as Handler, logger({ sink: (line) => lines.push(line) }));
}

const answer = createFetch(ours);
const socket = isOurs ? await upgrading() : undefined;
const fetch: Handler = (request, ...rest) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/socket") return (socket as Handler)(request, ...rest);
  return pathname === "/lines" ? Response.json(lines) : answer(request, ...rest);
};
const websocket = { message: (socket: { send(data: unknown): void }, data: unknown) => socket.send(data) };
const { port } = Bun.serve({ fetch, websocket, development: false, port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
