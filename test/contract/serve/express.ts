import "../app/uncollected.ts";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { sendNodeResponse } from "srvx/node";
import { answer } from "./handed.ts";

/** As much of Express as is used: it brings no types. */
type Express = () => {
  use(handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void;
  listen(port: number, host: string, listening: () => void): Server;
};
const express = createRequire(import.meta.url)("express") as Express;

const app = express();
app.use(async (request, response) => sendNodeResponse(response, await answer(request, response)));
const server = app.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
