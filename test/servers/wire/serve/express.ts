import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-expect-error Express brings no types.
import express from "express";
import { sendNodeResponse } from "srvx/node";
import { isOurs } from "../is-ours.ts";
import { answerTo } from "../node-handler.ts";

const adapter = isOurs ? await import("../../../../adapters/node.ts") : undefined;
const app = express();
app.use(express.text());
app.use(async (request: IncomingMessage & { body: string }, response: ServerResponse) => {
  const text = async () => request.body;
  await sendNodeResponse(response, await answerTo(request.url as string, text, response, adapter));
});
const server = app.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
