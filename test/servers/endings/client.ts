// Clients on real sockets, by HTTP/1.1 and HTTP/2, that can leave at any moment.
import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";

/** A request that was sent. */
export interface Call {
  /** The connection under it. */
  readonly socket: Socket;
  /** Waits for the head of the answer. */
  status(): Promise<number>;
  /** Reads at least `size` bytes and then stops reading. */
  readAtLeast(size: number): Promise<void>;
  /** Reads to the end; rejects when the body ends before its time. */
  readAll(): Promise<Buffer>;
  /** Leaves: resets the connection, with HTTP/2 the stream. */
  reset(): void;
}

/** A connection that stays open for further requests until it is closed. */
export interface Connection {
  /** Sends a request, and waits until it is written. */
  send(path: string, method?: string): Promise<Call>;
  close(): void;
}

/** Makes a connection. */
export type Connect = (port: number) => Connection;

async function readAtLeast(body: Readable, size: number): Promise<void> {
  for (let read = 0; read < size; ) {
    const chunk = body.read() as Buffer | null;
    if (chunk === null) await once(body, "readable");
    else read += chunk.byteLength;
  }
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A promise that nobody has to look at. */
function optional<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

export const http1: Connect = (port) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const heads: Socket[] = [];
  const send = async (path: string, method: string): Promise<Call> => {
    const outgoing = request({ host: "127.0.0.1", port, path, method, agent });
    // The listener for errors stays: who leaves is told of it.
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on("response", resolve).on("error", reject);
    });
    optional(response);
    const written = once(outgoing, "finish");
    outgoing.end();
    await written;
    const socket = outgoing.socket as Socket;
    return {
      socket,
      status: async () => (await response).statusCode ?? 0,
      readAtLeast: async (size) => readAtLeast(await response, size),
      readAll: async () => readAll(await response),
      reset: () => void socket.resetAndDestroy(),
    };
  };
  return {
    send(path, method = "GET") {
      if (method !== "HEAD") return send(path, method);
      const call = sendHead(port, path);
      heads.push(call.socket);
      return Promise.resolve(call);
    },
    close() {
      agent.destroy();
      for (const socket of heads) socket.destroy();
    },
  };
};

/** Node's client closes the connection after the answer to a HEAD, which looks like a client that left. */
function sendHead(port: number, path: string): Call {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  let answer = "";
  const whole = new Promise<string>((resolve, reject) => {
    socket.on("close", () => reject(new Error("the connection was closed")));
    socket.on("data", (data) => {
      answer += data;
      if (answer.includes("\r\n\r\n")) resolve(answer);
    });
  });
  optional(whole);
  return {
    socket,
    status: async () => Number((await whole).split(" ")[1]),
    readAtLeast: async () => void (await whole),
    readAll: async () => Buffer.from((await whole).split("\r\n\r\n")[1] ?? ""),
    reset: () => void socket.resetAndDestroy(),
  };
}

export const http2: Connect = (port) => {
  const socket = connect(port, "127.0.0.1");
  const session = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => socket });
  session.on("error", () => {});
  const connected = optional(once(session, "connect"));
  return {
    async send(path, method = "GET") {
      await connected;
      const stream = session.request({ ":path": path, ":method": method });
      const response = new Promise<IncomingHttpHeaders>((resolve, reject) => {
        stream.on("response", resolve).on("error", reject);
        stream.on("close", () => reject(new Error("the stream was closed without an answer")));
      });
      optional(response);
      if (stream.pending) await once(stream, "ready");
      return {
        socket,
        status: async () => Number((await response)[":status"]),
        async readAtLeast(size) {
          await response;
          await readAtLeast(stream, size);
        },
        async readAll() {
          await response;
          const body = await readAll(stream);
          if (stream.rstCode !== 0) throw new Error(`the stream was reset: ${stream.rstCode}`);
          return body;
        },
        reset: () => stream.close(constants.NGHTTP2_CANCEL),
      };
    },
    close: () => session.destroy(),
  };
};
