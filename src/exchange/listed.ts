// What was built while a request was handled. That is a hint: another request may send it, or somebody may read it.
import { byteLengthOf } from "../body/content.ts";
import { READ_ON } from "../expected.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { abandoned, type End } from "../lifecycle/outcome.ts";
import { nextMacrotask } from "../lifecycle/process.ts";
import type { HostSignals } from "./host-signals.ts";
import { isRead, lookAt } from "./look.ts";

/** How long what was not sent may still find a reader, in ms. */
const ABANDON = 5_000;

/** From how many on those that were read in the handler are not kept until it answers. */
const MANY = 100;

/** The responses that one exchange has listed, and that are not yet what became of them. */
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

  /** Takes all out; what their async context leads to from now on must not lead to them. */
  take(): Lifecycle[] {
    const taken = this.#lifecycles;
    this.#lifecycles = [];
    return taken;
  }

  /**
   * Takes out what went into `sent`: what was read or is being piped. What stays may still be sent by another request,
   * or be read.
   *
   * @param own What is sent, where it is one of ours.
   */
  takeRead(own: Lifecycle | undefined, sent: Response | undefined, host: HostSignals): Lifecycle[] {
    const read: Lifecycle[] = [];
    for (const lifecycle of this.take()) {
      const open = lifecycle !== own && !lifecycle.claimed && !lifecycle.told;
      // Asked of what is not sent alone: on Bun a body that was looked at is sent otherwise.
      if (open && (lifecycle.begun || isConsumed(lifecycle) || (sent && !own && isMadeOf(sent, lifecycle, host))))
        read.push(lifecycle);
      else {
        if (open) this.#lifecycles.push(lifecycle);
        lifecycle.letGo();
      }
    }
    return read;
  }

  /** Ends all, unless another request claims them now, as one that was only woken by this one does. */
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

  /** Tells later of what is neither sent nor read by then, and leaves its body to whoever may still read it. */
  abandon({ abandonAfter = ABANDON }: HostSignals): void {
    const rest = this.take();
    if (rest.length === 0) return;
    setTimeout(() => {
      const reason = abandoned(`It was not sent, and nobody began to read it within ${abandonAfter} ms${READ_ON}`);
      for (const lifecycle of rest) {
        if (!lifecycle.claimed && !endRead(lifecycle) && !lifecycle.begun)
          lifecycle.end({ type: "canceled", observed: "handed-over", reason, released: false });
      }
    }, abandonAfter);
  }
}

/** Ends what a handler has read for a purpose of its own; `false` where it has not. */
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

/** Whether a body that nobody watches was read or is being piped, or a watched one has ended in a handler's hands. */
function isConsumed(lifecycle: Lifecycle): boolean {
  const { unwatched } = lifecycle.facts;
  return lifecycle.ended || (unwatched !== undefined && isRead(unwatched, lifecycle.asked));
}

/** Whether it is as `new Response(null, response)`, which frameworks answer a HEAD with: no body to find it by. */
function isMadeOf(sent: Response, lifecycle: Lifecycle, { method }: HostSignals): boolean {
  const { head, unwatched, content } = lifecycle.facts;
  const bodiless = unwatched !== undefined && content === undefined;
  if (!(method === "HEAD" || bodiless) || head?.status !== sent.status) return false;
  for (const [name, value] of new Headers(head.headers)) if (sent.headers.get(name) !== value) return false;
  const { stream, bytes } = lookAt(sent);
  if (stream || bytes !== 0) return false;
  lifecycle.release(new Error("Nobody reads the body of this response"));
  return true;
}
