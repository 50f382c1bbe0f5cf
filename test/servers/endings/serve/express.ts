import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { sendNodeResponse } from "srvx/node";
import { handOver } from "../../../../adapters/node.ts";
import { alone, control, type Handler, wayOf } from "../app.ts";

/** As much of Express as is used: it brings no types. */
type Express = () => {
  use(handler: (request: IncomingMessage & { url: string }, response: ServerResponse) => Promise<void>): void;
  listen(port: number, host: string, listening: () => void): Server;
};
const express = createRequire(import.meta.url)("express") as Express;

const ways: Record<string, Handler> = {
  alone,
  handed: async (request, response) => handOver(await alone(request), response),
};

const app = express();
app.use(async (request, response) => {
  const handler: Handler = ways[wayOf(request)] ?? control;
  await sendNodeResponse(response, await handler(request, response));
});
const server = app.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
