// The list of responses that were built while a request was handled, and how the unsent ones end. The list is only a
// hint: another request may send such a response, or somebody may read it.
import { byteLengthOf } from "../body/content.ts";
import { READ_ON } from "../expected.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { abandoned, type End } from "../lifecycle/outcome.ts";
import { nextMacrotask } from "../lifecycle/process.ts";
import type { HostSignals } from "./host-signals.ts";
import { isRead, lookAt } from "./look.ts";

/** How long a response that was not sent may still find a reader, in ms. */
const ABANDON = 5_000;

/** From this length on, responses that the handler has read leave the list before it answers. */
const MANY = 100;

/** The responses that one exchange has listed, until it is known what becomes of each. */
export class Listed {
  #lifecycles: Lifecycle[] = [];
  #many = MANY;

  get all(): readonly Lifecycle[] {
    return this.#lifecycles;
  }

  add(lifecycle: Lifecycle): void {
    if (this.#lifecycles.push(lifecycle) < this.#many) return;
    this.#lifecycles = this.#lifecycles.filter((listed) => !(listed.claimed || endRead(listed)));
    this.#many = Math.max(MANY, 2 * this.#lifecycles.length);
  }

  /** Empties the list, so that the async context of the request does not keep these responses alive. */
  take(): Lifecycle[] {
    const taken = this.#lifecycles;
    this.#lifecycles = [];
    return taken;
  }

  /**
   * Takes out the responses that went into `sent`: those that were read or are being piped. The others stay, because
   * another request may still send them, or somebody may read them.
   *
   * @param own The lifecycle of `sent`, if it is one of ours.
   */
  takeRead(own: Lifecycle | undefined, sent: Response | undefined, host: HostSignals): Lifecycle[] {
    const read: Lifecycle[] = [];
    for (const lifecycle of this.take()) {
      const open = lifecycle !== own && !lifecycle.claimed && !lifecycle.told;
      // Not checked for the response that is sent: Bun sends a body differently once it was looked at.
      if (open && (lifecycle.begun || isConsumed(lifecycle) || (sent && !own && isMadeOf(sent, lifecycle, host))))
        read.push(lifecycle);
      else {
        if (open) this.#lifecycles.push(lifecycle);
        lifecycle.letGo();
      }
    }
    return read;
  }

  /** Ends all a macrotask later, except those that a request (such as one woken by this one) has claimed by then. */
  drop(end: End): void {
    const dropped = this.take();
    if (dropped.length === 0) return;
    nextMacrotask(() => {
      for (const lifecycle of dropped) {
        if (!lifecycle.claimed) lifecycle.end(end);
        lifecycle.letGo();
      }
    });
  }

  /** Ends what is neither sent nor read within `abandonAfter` ms. Whoever has a body may still read it. */
  abandon({ abandonAfter = ABANDON }: HostSignals): void {
    const rest = this.take();
    if (rest.length === 0) return;
    setTimeout(() => {
      const reason = abandoned(`Nobody sent the response or began to read it within ${abandonAfter} ms${READ_ON}`);
      for (const lifecycle of rest) {
        if (!lifecycle.claimed && !endRead(lifecycle) && !lifecycle.begun)
          lifecycle.end({ type: "canceled", observed: "handed-over", reason, released: false });
      }
    }, abandonAfter);
  }
}

/** Ends a response that a handler has read for its own use. Returns `false` if it has not. */
export function endRead(lifecycle: Lifecycle): boolean {
  if (!lifecycle.told && !isConsumed(lifecycle)) return false;
  lifecycle.letGo();
  const { unwatched, content } = lifecycle.facts;
  if (unwatched && !lifecycle.told) {
    if (content) lifecycle.facts.handed(byteLengthOf(content));
    lifecycle.end({ type: "completed" });
  }
  return true;
}

/** Whether a body that is not watched was read or is being piped, or a watched one has ended in the handler. */
function isConsumed(lifecycle: Lifecycle): boolean {
  const { unwatched } = lifecycle.facts;
  return lifecycle.ended || (unwatched !== undefined && isRead(unwatched, lifecycle.asked));
}

/**
 * Whether `sent` looks like `new Response(null, response)`, with which frameworks answer a HEAD. It has no body to find
 * the original by, so status and headers are compared. If they match, the original's body is released.
 */
function isMadeOf(sent: Response, lifecycle: Lifecycle, { method }: HostSignals): boolean {
  const { head, unwatched, content } = lifecycle.facts;
  const bodiless = unwatched !== undefined && content === undefined;
  if (!(method === "HEAD" || bodiless) || head?.status !== sent.status) return false;
  for (const [name, value] of new Headers(head.headers)) {
    // Cookies are listed one by one, and a middleware may have added others.
    const same = name === "set-cookie" ? sent.headers.getSetCookie().includes(value) : sent.headers.get(name) === value;
    if (!same) return false;
  }
  const { stream, bytes } = lookAt(sent);
  if (stream || bytes !== 0) return false;
  lifecycle.release(new Error("Nobody reads the body of this response"));
  return true;
}
