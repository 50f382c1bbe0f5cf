// A client by HTTP/2, with a connection of its own for each request.
import { once } from "node:events";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { PassThrough, pipeline } from "node:stream";
import type { Answer, Client } from "./client.ts";

/** A connection. What happens to it is told by its streams. */
export function openSession(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  return session;
}

function ask(session: ClientHttp2Session, path: string, method = "GET") {
  const stream = session.request({ ":path": path, ":method": method });
  // Node throws away what has come of an answer when its stream is closed before it was read.
  const body = pipeline(stream, new PassThrough(), () => {});
  return { stream, body };
}

/** Asks for a path on a connection, and waits for the head of the answer. `close` closes the connection. */
export async function sendOn(session: ClientHttp2Session, path: string, method?: string): Promise<Answer> {
  const { stream, body } = ask(session, path, method);
  const [{ ":status": status, ...headers }] = await Promise.race([
    once(stream, "response"),
    once(stream, "close").then(() => {
      throw new Error("the stream was closed without an answer");
    }),
  ]);
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers)) as Answer["headers"],
    async readAtLeast(size) {
      let read = 0;
      while (read < size) {
        const chunk = body.read() as Buffer | null;
        if (chunk === null) await once(body, "readable");
        else read += chunk.byteLength;
      }
      return read;
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    async leave(how = "abort") {
      if (how === "close") session.destroy();
      else stream.close(constants.NGHTTP2_CANCEL);
    },
  };
}

export function http2Client(port: number): Client {
  return {
    async send(path, method) {
      const session = openSession(port);
      const answer = await sendOn(session, path, method);
      // When this one is over.
      session.close();
      return answer;
    },
    async leaveUnanswered(path, until) {
      const { stream } = ask(openSession(port), path);
      await until();
      stream.close(constants.NGHTTP2_CANCEL);
    },
  };
}
