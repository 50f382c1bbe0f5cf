// Which runtime this is, for the few places where runtimes differ, and timers that take any limit.

type SetImmediate = (run: () => void) => unknown;
interface Globals {
  readonly navigator?: { readonly userAgent?: string };
  readonly Bun?: unknown;
  readonly Deno?: unknown;
  readonly setImmediate?: SetImmediate;
}
const { navigator, Bun, Deno, setImmediate } = globalThis as Globals;

/** Whether this is the runtime of Cloudflare Workers. */
export const onWorkers: boolean = navigator?.userAgent === "Cloudflare-Workers";

/** Whether this is Bun, which takes a response's headers away with what it sends unless somebody has looked at them. */
export const onBun: boolean = Bun !== undefined;

/** Whether this is Deno. */
export const onDeno: boolean = Deno !== undefined;

/** Whether this is the Edge Runtime of Next and Vercel: some of Node's functions are there, and throw when used. */
export const onEdge: boolean = typeof (globalThis as { EdgeRuntime?: unknown }).EdgeRuntime === "string";

/** The platform's own. In Vitest's pool vmThreads jsdom has a Response, and no streams among its globals. */
export const Stream: typeof ReadableStream = /* @__PURE__ */ (() =>
  globalThis.ReadableStream ?? (new Response("").body as ReadableStream).constructor)();

/** Whether a test has put the fake timers of Vitest, Jest or Sinon in place before this was loaded. */
const faked = /* @__PURE__ */ (() => "clock" in setTimeout)();

/** The real `setTimeout`, whatever a test puts in its place later; under fake ones, what nobody fakes. */
export const schedule: (run: () => void, ms: number) => unknown = faked ? sendMessage : setTimeout;

/** Node's. */
export const immediate: SetImmediate | undefined = faked || onBun || onDeno || onEdge ? undefined : setImmediate;

function sendMessage(run: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(undefined);
}

/** What `startTimeout` gives and `clearTimeout` takes. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

/** `setTimeout` for limits: what is too long for it, such as `Infinity`, never fires. */
export function startTimeout(run: () => void, ms: number): Timer {
  // A longer delay (about 25 days) would overflow and fire at once.
  return ms <= 2 ** 31 - 1 ? setTimeout(run, ms) : undefined;
}
