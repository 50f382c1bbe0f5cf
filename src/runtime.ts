// Which runtime this is, for the few places where runtimes differ, and timers that take any limit.

const { navigator, Bun, Deno } = globalThis as { navigator?: { userAgent?: string }; Bun?: unknown; Deno?: unknown };

/** Whether this is the runtime of Cloudflare Workers. */
export const onWorkers: boolean = navigator?.userAgent === "Cloudflare-Workers";

/** Whether this is Bun, which takes a response's headers away with what it sends unless somebody has looked at them. */
export const onBun: boolean = Bun !== undefined;

/** Whether this is Deno. */
export const onDeno: boolean = Deno !== undefined;

/** Whether this is the Edge Runtime of Next and Vercel: some of Node's functions are there, and throw when used. */
export const onEdge: boolean = typeof (globalThis as { EdgeRuntime?: unknown }).EdgeRuntime === "string";

/** The real one, whatever a test puts in its place later. */
export const schedule: typeof setTimeout = setTimeout;

/** What `startTimeout` gives and `clearTimeout` takes. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

/** `setTimeout` for limits: what is too long for it, such as `Infinity`, never fires. */
export function startTimeout(run: () => void, ms: number): Timer {
  // A longer delay (about 25 days) would overflow and fire at once.
  return ms <= 2 ** 31 - 1 ? setTimeout(run, ms) : undefined;
}
