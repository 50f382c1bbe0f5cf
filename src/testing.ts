/**
 * Helpers for tests of callbacks, without a server: act as the client, or wait for the outcome.
 *
 * @module
 */
import { byteLengthOf } from "./body/content.ts";
import { lifecycleOf } from "./body/stamp.ts";
import { expected, READ_ON, tagOf, toLimit } from "./expected.ts";
import type { Outcome } from "./lifecycle/outcome.ts";

export type { Outcome } from "./lifecycle/outcome.ts";
export { type DrainResult, drain } from "./lifecycle/process.ts";

/**
 * Fulfils with the outcome of a response when it has ended and its callbacks have settled. It does not read the
 * response. It works for a `ResponseThen`, for a response that was made of its body
 * (`new Response(response.body, response)`), and for the answer of a wrapped handler.
 *
 * @throws {TypeError} for a response that has no callbacks.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then";
 * import { outcomeOf } from "response-then/testing";
 *
 * const { type } = await outcomeOf(new ResponseThen(null, () => {}, { status: 204 }));
 * ```
 */
export function outcomeOf(response: Response): Promise<Outcome> {
  if (tagOf(response) !== "Response") throw expected("response", "a ResponseThen", response);
  const lifecycle = lifecycleOf(response) ?? lifecycleOf(response.body);
  if (!lifecycle) throw new TypeError(`response: expected a ResponseThen, got a Response without callbacks${READ_ON}`);
  return lifecycle.finished;
}

/**
 * Reads a response to its end, like a client that stays. Fulfils with the outcome when the callbacks have settled. If
 * the body's source fails, it still fulfils, and the outcome is errored.
 *
 * @throws {TypeError} for a response that has no callbacks, and for one whose body is in use.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then";
 * import { consume } from "response-then/testing";
 *
 * const { type, bytes } = await consume(new ResponseThen("Hello", () => {})); // completed, 5
 * ```
 */
export function consume(response: Response): Promise<Outcome> {
  return stall(response).resume();
}

/**
 * Reads at least `afterBytes` bytes of a response, and then leaves; by default before the first byte. Fulfils with the
 * outcome when the callbacks have settled. The outcome is canceled, unless by then the body had already ended or
 * failed, or the client had as many bytes as `content-length` declares.
 *
 * @param reason The reason that a server would cancel with; default none, as on Node.
 * @throws {TypeError} for a response that has no callbacks, and for one whose body is in use.
 * @throws {RangeError} for an `afterBytes` that is negative or no number.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then";
 * import { abort } from "response-then/testing";
 *
 * const { type } = await abort(new ResponseThen("Hello", () => {})); // canceled
 * ```
 */
export async function abort(response: Response, afterBytes = 0, reason?: unknown): Promise<Outcome> {
  const bytes = toLimit("afterBytes", afterBytes);
  const client = stall(response);
  await client.read(bytes);
  return client.leave(reason);
}

/** A client that reads only when it is told to. */
export interface StalledClient {
  /**
   * Reads at least `bytes` more bytes, or all that is left. Fulfils with the number of bytes that it read. Never
   * rejects.
   */
  read(bytes: number): Promise<number>;
  /** Reads to the end. Fulfils with the outcome when the callbacks have settled. */
  resume(): Promise<Outcome>;
  /**
   * Leaves, with the reason that a server would cancel with. Fulfils with the outcome when the callbacks have settled.
   */
  leave(reason?: unknown): Promise<Outcome>;
}

/**
 * Takes the body of a response as a server does, and reads nothing until it is told to. Use it to test that nothing
 * runs ahead of a slow client, or ends before that client does.
 *
 * @throws {TypeError} for a response that has no callbacks, and for one whose body is in use.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then";
 * import { stall } from "response-then/testing";
 *
 * const client = stall(new ResponseThen("Hello", () => console.log("not yet")));
 * await client.resume();
 * ```
 */
export function stall(response: Response): StalledClient {
  const outcome = outcomeOf(response);
  const reader = response.body?.getReader();
  // The error of the source is in the outcome.
  const next = async () => (await reader?.read().catch(() => undefined))?.value;
  return {
    async read(bytes) {
      let read = 0;
      while (read < bytes) {
        const piece = await next();
        if (piece === undefined) break;
        read += byteLengthOf(piece);
      }
      return read;
    },
    async resume() {
      while ((await next()) !== undefined);
      return outcome;
    },
    async leave(reason) {
      // Not awaited, because a producer may take time to stop.
      reader?.cancel(reason).catch(() => {});
      return outcome;
    },
  };
}
