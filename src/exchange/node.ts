// What a server of Node tells of a response: whether its last byte was flushed, or the connection ended before.
import { byteLengthOf } from "../body/content.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { type Counted, type End, named } from "../lifecycle/outcome.ts";
import { onWorkers } from "../runtime.ts";
import type { HostSignals } from "./host-signals.ts";

/** What is used of its socket. */
export interface ServerSocket {
  readonly errored?: Error | null;
  readonly destroyed?: boolean;
  on?(event: "close", listener: () => void): unknown;
  off?(event: "close", listener: () => void): unknown;
}

/** What is used of the response of Node's `http` and `http2` servers. */
export interface ServerResponse {
  /** The request that it answers. */
  readonly req?: { readonly method?: string | undefined; readonly socket?: ServerSocket | null };
  /** The connection; the response lets go of it at its end. */
  readonly socket?: ServerSocket | null;
  /** With HTTP/2, the stream of this response. */
  readonly stream?: {
    readonly destroyed: boolean;
    readonly rstCode?: number | undefined;
    readonly errored?: Error | null;
    on?(event: "close", listener: () => void): unknown;
  };
  /** Whether the connection has ended, or the response has. */
  readonly destroyed?: boolean;
  /** Whether the head was given to the connection. */
  readonly headersSent?: boolean;
  /** The status that goes out, or went out. */
  readonly statusCode?: number;
  /** The headers that go out, or went out. */
  getHeaders?(): object;
  /** Whether the server has said the end of the body. */
  readonly writableEnded?: boolean;
  /** What a body failed with, where the server destroyed the response for it. */
  readonly errored?: unknown;
  /** Its events. */
  on(event: "finish" | "close", listener: () => void): unknown;
}

/** What `@hono/node-server` gives beside the request. Elsewhere a binding may be called so (a service's has every method). */
export function outgoingOf(bindings: unknown): ServerResponse | undefined {
  const { outgoing } = (bindings ?? {}) as { outgoing?: Partial<ServerResponse> };
  const real = !onWorkers && typeof outgoing?.on === "function" && "headersSent" in outgoing;
  return real ? (outgoing as ServerResponse) : undefined;
}

/** Make it when the request comes: later the response has let go of its socket. */
export class NodeSignals implements HostSignals {
  readonly method: string;
  readonly waitUntil: WaitUntil | undefined;
  // It is told the end of a long body as exactly as of a short one.
  readonly fixedLimit: number = Number.POSITIVE_INFINITY;
  readonly #res: ServerResponse;
  readonly #socket: ServerResponse["socket"];
  #finished = false;

  readonly handed: boolean;

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
    // Each comes once; once() would make an object more.
    res.on("finish", () => {
      // Node 20 also says it when the server itself destroys the socket; one of HTTP/2 is not ours to look at.
      this.#finished = res.stream !== undefined || !this.#socket?.destroyed;
    });
    let told = false;
    // Node 20 does not close a response whose turn never came.
    const waiting = res.socket || res.stream ? undefined : this.#socket;
    const tell = () => {
      if (told) return;
      told = true;
      waiting?.off?.("close", tell);
      const end = this.#end();
      if (counted) counted.open = res.writableEnded === false;
      // A server that destroys a response for its error ends it with a text of its own.
      if (counted && end.type === "errored" && counted.chunks > 1) {
        counted.bytes -= counted.last;
        counted.chunks -= counted.last > 0 ? 1 : 0;
      }
      listener(counted ? { ...end, counted } : end);
    };
    res.on("close", tell);
    // HTTP/2 closes no response to a HEAD whose body the server does not end.
    res.stream?.on?.("close", tell);
    waiting?.on?.("close", tell);
  }

  sentInstead(response: Response): Response | undefined {
    const { headersSent, statusCode: status } = this.#res;
    if (!headersSent || status === response.status || !(Number(status) >= 200)) return undefined;
    const headers = new Headers();
    for (const [name, value] of Object.entries(this.#res.getHeaders?.() ?? {}))
      if (!name.startsWith(":")) for (const each of [value].flat()) headers.append(name, String(each));
    return new Response(null, { status: Number(status), headers });
  }

  #end(): End {
    const { stream, socket, errored, headersSent } = this.#res;
    // The client has all of it, and may leave while the server still reads the body.
    if (this.method === "HEAD" && headersSent) return { type: "completed", observed: "flushed" };
    // Node 20 says "finish" also after a reset, with most of the body unsent; what its socket says then is right.
    if (this.#finished && !(stream ? stream.rstCode : this.#socket?.errored))
      return { type: "completed", observed: "flushed" };
    const error = errored ?? stream?.errored;
    const { code } = (error ?? {}) as { code?: unknown };
    // Node's own, when the client leaves: of one whose turn never came, and of a connection of HTTP/2.
    const left = stream ? `${code}`.startsWith("ERR_HTTP2_") : !socket && code === "ECONNRESET";
    // Set where the server destroyed the response for it.
    if (error !== undefined && error !== null && !left) return { type: "errored", observed: "flushed", error };
    return { type: "canceled", observed: "flushed", reason: this.#leave() };
  }

  #leave(): Error {
    return named("AbortError", "The client left before the end of the response", this.#socket?.errored ?? undefined);
  }
}

/** Counts what the server writes: of a plain response nobody else knows. */
function countBytes(res: ServerResponse): Counted & { last: number } {
  const counted: Counted & { last: number } = { bytes: 0, chunks: 0, firstByteTime: undefined, last: 0 };
  const writing = res as unknown as Record<"write" | "end", (chunk: unknown, ...rest: unknown[]) => unknown>;
  const { write, end } = writing;
  // HTTP/2 writes what it ends with.
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
