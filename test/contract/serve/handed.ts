// What the servers that have a `ServerResponse` answer with.
import type { IncomingMessage, ServerResponse } from "node:http";
import { handOver, ResponseThen } from "../../../adapters/node.ts";
import { alone, createFetch, type Handler } from "../app/app.ts";

const handed: Handler = async (request, response) => handOver(await alone(ResponseThen)(request), response);
const fetch = createFetch(ResponseThen, undefined, { handed });

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<Response> {
  const { url = "", method = "GET", headers } = request;
  return fetch(new Request(new URL(url, `http://${headers.host}`), { method }), response);
}
