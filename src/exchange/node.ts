// What a Node server reports about a response: that its last byte was flushed, or that the connection ended before.
import { byteLengthOf } from "../body/content.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { type Counted, type End, named } from "../lifecycle/outcome.ts";
import { onWorkers } from "../runtime.ts";
import type { HostSignals } from "./host-signals.ts";

/** The used part of a server's socket. */
export interface ServerSocket {
  readonly errored?: Error | null;
  readonly destroyed?: boolean;
  on?(event: "close", listener: () => void): unknown;
  off?(event: "close", listener: () => void): unknown;
}

/** The used part of the response of Node's `http` and `http2` servers. */
export interface ServerResponse {
  /** The request that it answers. */
  readonly req?: { readonly method?: string | undefined; readonly socket?: ServerSocket | null };
  /** The connection; `null` after the end of the response. */
  readonly socket?: ServerSocket | null;
  /** With HTTP/2, the stream of this response. */
  readonly stream?: {
    readonly destroyed: boolean;
    readonly rstCode?: number | undefined;
    readonly errored?: Error | null;
    on?(event: "close", listener: () => void): unknown;
  };
  /** Whether the connection or the response has ended. */
  readonly destroyed?: boolean;
  /** Whether the head was given to the connection. */
  readonly headersSent?: boolean;
  /** The status that goes out, or went out. */
  readonly statusCode?: number;
  /** The headers that go out, or went out. */
  getHeaders?(): object;
  /** Whether the server has called `end()`. */
  readonly writableEnded?: boolean;
  /** The error of the body, if the server destroyed the response because of it. */
  readonly errored?: unknown;
  /** Adds a listener to an event. */
  on(event: "finish" | "close", listener: () => void): unknown;
}

/**
 * The Node response that `@hono/node-server` passes after the request. On other platforms a binding may have its name;
 * on Workers a service binding seems to have every method.
 */
export function outgoingOf(bindings: unknown): ServerResponse | undefined {
  const { outgoing } = (bindings ?? {}) as { outgoing?: Partial<ServerResponse> };
  const real = !onWorkers && typeof outgoing?.on === "function" && "headersSent" in outgoing;
  return real ? (outgoing as ServerResponse) : undefined;
}

/** The signals of one response. Create it when the request comes: later the response has no socket any more. */
export class NodeSignals implements HostSignals {
  readonly method: string;
  readonly waitUntil: WaitUntil | undefined;
  // Node reports the end of a long body as exactly as that of a short one.
  readonly fixedLimit: number = Number.POSITIVE_INFINITY;
  readonly #res: ServerResponse;
  readonly #socket: ServerResponse["socket"];
  readonly handed: boolean;
  #finished = false;

  constructor(res: ServerResponse, method: string, waitUntil?: WaitUntil, handed = false) {
    this.method = method;
    this.waitUntil = waitUntil;
    this.handed = handed;
    this.#res = res;
    // A response that waits behind another on its connection has no socket yet.
    this.#socket = res.socket ?? res.req?.socket;
  }

  gone(): Error | undefined {
    return this.#res.destroyed || this.#res.stream?.destroyed ? this.#leave() : undefined;
  }

  left(listener: () => void): void {
    this.#res.on("close", listener);
  }

  flushed(listener: (end: End) => void, count: boolean): void {
    const res = this.#res;
    const counted = count && this.method !== "HEAD" ? countBytes(res) : undefined;
    // Each event comes once; `once()` would allocate one more object.
    res.on("finish", () => {
      // Node 20 emits it also when the server itself destroys the socket. The socket of HTTP/2 must not be read.
      this.#finished = res.stream !== undefined || !this.#socket?.destroyed;
    });
    let told = false;
    // Node 20 emits no "close" on a response whose turn on the connection never came.
    const waiting = res.socket || res.stream ? undefined : this.#socket;
    const tell = () => {
      if (told) return;
      told = true;
      waiting?.off?.("close", tell);
      const end = this.#end();
      if (counted) counted.open = res.writableEnded === false;
      // A server that destroys a response because its body failed ends it with a text of its own, which does not count.
      if (counted && end.type === "errored" && counted.chunks > 1) {
        counted.bytes -= counted.last;
        counted.chunks -= counted.last > 0 ? 1 : 0;
      }
      listener(counted ? { ...end, counted } : end);
    };
    res.on("close", tell);
    // On HTTP/2 the response to a HEAD emits no "close" if the server does not end its body.
    res.stream?.on?.("close", tell);
    waiting?.on?.("close", tell);
  }

  sentInstead(response: Response): Response | undefined {
    const { headersSent, statusCode: status } = this.#res;
    if (!headersSent || status === response.status || !isSendable(status)) return undefined;
    const headers = new Headers();
    for (const [name, value] of Object.entries(this.#res.getHeaders?.() ?? {}))
      if (!name.startsWith(":")) for (const each of [value].flat()) headers.append(name, String(each));
    return new Response(null, { status, headers });
  }

  #end(): End {
    const { stream, socket, errored, headersSent } = this.#res;
    // The client has everything, and may leave while the server still reads the body.
    if (this.method === "HEAD" && headersSent) return { type: "completed", observed: "flushed" };
    // Node 20 emits "finish" also after a reset, with most of the body unsent. Then the error of the socket decides.
    if (this.#finished && !(stream ? stream.rstCode : this.#socket?.errored))
      return { type: "completed", observed: "flushed" };
    const error = errored ?? stream?.errored;
    const { code } = (error ?? {}) as { code?: unknown };
    // Node sets these errors itself when the client leaves: on HTTP/2, and for a response whose turn never came.
    const left = stream ? `${code}`.startsWith("ERR_HTTP2_") : !socket && code === "ECONNRESET";
    // The server destroyed the response because of this error.
    if (error !== undefined && error !== null && !left) return { type: "errored", observed: "flushed", error };
    return { type: "canceled", observed: "flushed", reason: this.#leave() };
  }

  #leave(): Error {
    return named("AbortError", "The client left before the end of the response", this.#socket?.errored ?? undefined);
  }
}

/** Whether a `Response` can have this status; Node sends others too. */
function isSendable(status: number | undefined): status is number {
  return status !== undefined && status >= 200 && status < 600;
}

/** Counts what the server writes, which nobody else knows for a plain response. */
function countBytes(res: ServerResponse): Counted & { last: number } {
  const counted: Counted & { last: number } = { bytes: 0, chunks: 0, firstByteTime: undefined, last: 0 };
  const writing = res as unknown as Record<"write" | "end", (chunk: unknown, ...rest: unknown[]) => unknown>;
  const { write, end } = writing;
  // On HTTP/2 `end(chunk)` calls `write(chunk)`, which must not count twice.
  let inside = false;
  const counting = (method: typeof write, last: boolean) =>
    function (this: unknown, chunk: unknown, ...rest: unknown[]): unknown {
      const bytes = inside || typeof chunk === "function" ? 0 : byteLengthOf(chunk);
      if (bytes > 0) {
        counted.firstByteTime ??= Date.now();
        counted.chunks++;
        counted.bytes += bytes;
        if (last) counted.last = bytes;
      }
      inside = true;
      try {
        return method.call(this, chunk, ...rest);
      } finally {
        inside = false;
      }
    };
  writing.write = counting(write, false);
  writing.end = counting(end, true);
  return counted;
}
