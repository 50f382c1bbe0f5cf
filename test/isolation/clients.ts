import { once } from "node:events";
import { Agent } from "node:http";
import { type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { Readable } from "node:stream";
import { send } from "../client.ts";
import { type Ending, endings, type Job, letterOf, pathOf } from "./jobs.ts";

/** As much of an answer as a client here needs. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  leave(): void;
}

/** A client of a server, with connections that are kept: what a request leaves behind on one, the next would meet. */
export interface Client {
  /** @param again See {@linkcode send}. */
  ask(path: string, again?: boolean): Promise<Answer>;
  close(): void;
}

/** Has a connection for each of the requests that it asks at the same time. */
export function http1(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    async ask(path, again = true) {
      const url = new URL(path, `http://127.0.0.1:${port}`);
      const { status, headers, message, socket } = await send(url, { agent, again });
      return { status, headers, body: message, leave: () => void socket.resetAndDestroy() };
    },
    close: () => agent.destroy(),
  };
}

/** Asks all on one connection. */
export function http2(port: number): Client {
  const session = connect(`http://127.0.0.1:${port}`);
  return {
    async ask(path) {
      const stream: ClientHttp2Stream = session.request({ ":path": path });
      const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
      stream.on("error", () => {});
      const leave = () => stream.close(constants.NGHTTP2_CANCEL);
      return { status: Number(headers[":status"]), headers, body: stream, leave };
    },
    close: () => session.destroy(),
  };
}

/** Does what the client of a job does. Returns what was wrong with the answer, if anything was. */
export async function complaintsOf(client: Client, way: string, job: Job): Promise<string[]> {
  const ending = endings[job.ending] as Ending;
  const { answer: expected = ending.replaced && job.status === 204 ? 200 : job.status } = ending;
  // A source that fails may take the head with it: by a reset, or because the server has not begun to answer.
  const cut = ending.act === "is cut";
  const answer = await client.ask(pathOf(way, job), !cut).catch((error) => {
    if (!cut) throw new Error(`${job.id}, ${job.ending}: ${error.message}`);
  });
  if (!answer || (cut && answer.status === 500)) return [];
  const body = await read(answer, ending, job);
  const { status, headers } = answer;
  const foreign = expected !== 500 && headers["x-id"] !== job.id;
  return [
    status !== expected && `${job.id} got status ${status}`,
    foreign && `${job.id} got the head of ${headers["x-id"]}`,
    body && `${job.id} ${body}`,
  ].filter((complaint) => typeof complaint === "string");
}

async function read({ body, leave }: Answer, { act, pieces }: Ending, job: Job): Promise<string | undefined> {
  const letter = letterOf(job);
  let text = "";
  try {
    for await (const chunk of body) {
      text += chunk;
      if (act !== "leaves" || text.length < job.bytes) continue;
      leave();
      break;
    }
  } catch {
    if (act === undefined) return `was cut after ${text.length} bytes`;
  }
  // What a server says by itself.
  if (job.ending === "throws") return undefined;
  const expected = job.ending === "json" ? `"${letter.repeat(job.bytes - 2)}"` : letter.repeat(pieces * job.bytes);
  const same = act === undefined ? text === expected : text.replaceAll(letter, "") === "";
  return same ? undefined : `got another body, of ${text.length} bytes`;
}
