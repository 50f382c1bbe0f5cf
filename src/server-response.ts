import { named } from "./outcome.ts";
import type { Platform } from "./platform.ts";
import type { Unwatched } from "./scope.ts";
import type { WaitUntil } from "./wait-until.ts";

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
  readonly stream?: { readonly destroyed: boolean; readonly rstCode?: number | undefined };
  /** Whether the connection has ended, or the response has. */
  readonly destroyed?: boolean;
  /** Its events. */
  on(event: "finish" | "close", listener: () => void): unknown;
}

// Its servers read a response by its members, and are told the end of a long body as exactly as of a short one.
const UNWATCHED = { limit: Number.POSITIVE_INFINITY, deferred: true };

/**
 * What a server of Node tells of a response: whether its last byte was flushed, or the connection ended before.
 *
 * Make it when the request comes: later the response has let go of its socket.
 */
export class NodePlatform implements Platform {
  readonly method: string;
  readonly waitUntil: WaitUntil | undefined;
  readonly unwatched: Unwatched = UNWATCHED;
  readonly #res: ServerResponse;
  readonly #socket: ServerResponse["socket"];
  #finished = false;

  constructor(res: ServerResponse, method: string, waitUntil?: WaitUntil) {
    this.method = method;
    this.waitUntil = waitUntil;
    this.#res = res;
    // A response that waits behind another on its connection has no socket yet.
    this.#socket = res.socket ?? res.req?.socket;
  }

  gone(): Error | undefined {
    return this.#res.destroyed || this.#res.stream?.destroyed ? this.#leave() : undefined;
  }

  flushed(listener: (reason?: Error) => void): void {
    const res = this.#res;
    // Each comes once; once() would make an object more.
    res.on("finish", () => {
      // Node 20 also says it when the server itself destroys the socket; one of HTTP/2 is not ours to look at.
      this.#finished = res.stream !== undefined || !this.#socket?.destroyed;
    });
    let told = false;
    // Node 20 does not close a response whose turn never came.
    const waiting = res.socket || res.stream ? undefined : this.#socket;
    // Node 20 says "finish" also after a reset, with most of the body unsent; what its socket says then is right.
    const tell = () => {
      if (told) return;
      told = true;
      waiting?.off?.("close", tell);
      const { stream } = res;
      const whole = this.#finished && !(stream ? stream.rstCode : this.#socket?.errored);
      listener(whole ? undefined : this.#leave());
    };
    res.on("close", tell);
    waiting?.on?.("close", tell);
  }

  #leave(): Error {
    return named("AbortError", "The client left before the end of the response", this.#socket?.errored ?? undefined);
  }
}
