// A client on a real socket that can do what clients do: read slowly, stop, reset, half-close.
import { once } from "node:events";
import { type Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";

export interface Exchange {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly socket: Socket;
  readonly message: IncomingMessage;
  /** Reads at least `size` bytes and then stops reading. */
  readAtLeast(size: number): Promise<number>;
  /** Reads to the end; rejects when the connection ends before the body does. */
  readAll(): Promise<Buffer>;
}

/**
 * Sends a request and waits for the head of the answer; the body is not read yet.
 *
 * @param again Whether it is sent once more where the server has just closed the kept connection that it was sent on.
 */
export async function send(
  url: URL,
  options: { method?: string; agent?: Agent; again?: boolean } = {},
): Promise<Exchange> {
  const { method = "GET", agent, again } = options;
  const outgoing = request(url, { method, agent: agent ?? false });
  outgoing.end();
  const answered = (await once(outgoing, "response").catch((error) => {
    if (!(again && outgoing.reusedSocket && error.code === "ECONNRESET")) throw error;
  })) as [IncomingMessage] | undefined;
  if (!answered) return send(url, options);
  const [message] = answered;
  // A body that is cut makes both of them fail; who reads the body is told.
  outgoing.on("error", () => {});
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    socket: message.socket,
    message,
    async readAtLeast(size) {
      let read = 0;
      while (read < size) {
        const chunk = message.read() as Buffer | null;
        if (chunk === null) await once(message, "readable");
        else read += chunk.byteLength;
      }
      return read;
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

/**
 * `fetch` on a connection of its own: workerd closes one on which nothing happened for 5 s, and on a busy machine that
 * may be the moment in which it is used again.
 */
export function fetchOnce(url: string): Promise<Response> {
  return fetch(url, { headers: { connection: "close" } });
}
