// The handler of the servers that give a handler a ServerResponse: a path is `/way/case/request`.
import type { ServerResponse } from "node:http";
import type { ResponseThen } from "../../../src/index.ts";
import { cases } from "./cases.ts";
import { plain } from "./maker.ts";
import { makerOf } from "./ours.ts";
import { allRecords, recorder } from "./records.ts";

/** What is used of the adapter. */
export interface NodeAdapter {
  readonly ResponseThen: typeof ResponseThen;
  handOver(response: Response, outgoing: ServerResponse): Response;
}

/**
 * Answers one request.
 *
 * @param adapter Without one, the server is as its users run it without us.
 */
export async function answerTo(
  path: string,
  text: () => Promise<string>,
  outgoing: ServerResponse,
  adapter: NodeAdapter | undefined,
): Promise<Response> {
  if (path === "/next") return new Response("the next answer");
  if (path === "/records") return Response.json(allRecords());
  const key = decodeURIComponent(path);
  const [, way, name = ""] = key.split("/");
  const answer = cases[name];
  if (answer === undefined) throw new Error(`no such case: ${name}`);
  if (adapter === undefined) return answer(plain, { text });
  const { ResponseThen, handOver } = adapter;
  const callback = recorder(key);
  switch (way) {
    case "class":
      return answer(makerOf(ResponseThen, callback), { text });
    case "adapter":
      return handOver(await answer(makerOf(ResponseThen, callback), { text }), outgoing);
    case "untouched":
      return handOver(await answer(plain, { text }), outgoing);
    case "callback":
      return handOver(ResponseThen.from(await answer(plain, { text }), callback), outgoing);
    default:
      throw new Error(`no such way: ${way}`);
  }
}
