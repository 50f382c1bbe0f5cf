// node:http without a framework: a handler that writes its answer itself.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import onFinished from "on-finished";
import { sendNodeResponse } from "srvx/node";
import { handOver, ResponseThen } from "../../../dist/adapters/node.js";
import { announce } from "../../servers/serve/announce.ts";
import { type Answer, answerOf, control, wordOf } from "./app.ts";

type NodeWay = (answer: Answer, response: ServerResponse) => void | Promise<void>;

const ways: Record<string, NodeWay> = {
  plain: ({ body }, response) => write(body(), response),
  "on-finished"({ body, tell }, response) {
    onFinished(response, (error) => tell(error ? "an error" : ""));
    return write(body(), response);
  },
  // As Starlette runs its background tasks: in the task that has written the answer.
  async task({ body, tell }, response) {
    await write(body(), response);
    await tell("");
  },
  "plain-web": ({ body }, response) => sendNodeResponse(response, new Response(body())),
  handed: ({ body, tell }, response) =>
    sendNodeResponse(response, handOver(new ResponseThen(body(), wordOf(tell)), response)),
};

async function write(body: ReturnType<Answer["body"]>, response: ServerResponse): Promise<void> {
  if (!(body instanceof ReadableStream)) return void response.end(body);
  for await (const piece of body) response.write(piece);
  response.end();
}

const server = createServer(async (request: IncomingMessage, response) => {
  const { url = "" } = request;
  const way = ways[url.slice(1, url.indexOf("/", 1))];
  const absolute = `http://localhost${url}`;
  if (way) await way(answerOf(absolute), response);
  else await sendNodeResponse(response, control(absolute));
});
server.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
