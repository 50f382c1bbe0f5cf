// Which runtime this is, for the few places where runtimes differ. Also its stream class, unfaked timers, and a timeout
// of any length.

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

/** Whether this is Bun. It moves the headers of a response into what it sends, unless somebody has read them. */
export const onBun: boolean = Bun !== undefined;

/** What `Bun.inspect` writes: it names a body's kind. Only on Bun. */
export function inspectOnBun(value: unknown): string {
  return (Bun as { inspect(value: unknown): string }).inspect(value);
}

/** Whether this is Deno. */
export const onDeno: boolean = Deno !== undefined;

/** Whether this is the Edge Runtime of Next and Vercel. It has some of Node's functions, but they throw when called. */
export const onEdge: boolean = typeof (globalThis as { EdgeRuntime?: unknown }).EdgeRuntime === "string";

/** The platform's `ReadableStream`. In Vitest's pool vmThreads, jsdom has a global Response but no global streams. */
export const Stream: typeof ReadableStream = /* @__PURE__ */ (() =>
  globalThis.ReadableStream ?? (new Response("").body as ReadableStream).constructor)();

/** Whether a test had installed the fake timers of Vitest, Jest or Sinon before this file was loaded. */
const faked = /* @__PURE__ */ (() => "clock" in setTimeout)();

/** The real `setTimeout`, even if a test replaces it later. If it was fake from the start, a message port instead. */
export const schedule: (run: () => void, ms: number) => unknown = faked ? sendMessage : setTimeout;

/** Node's `setImmediate`; `undefined` on most other runtimes, and if timers are fake. */
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

/** `setTimeout` for limits. A limit that is too long for it, such as `Infinity`, never fires. */
export function startTimeout(run: () => void, ms: number): Timer {
  // A delay of more than about 25 days would overflow and fire at once.
  return ms <= 2 ** 31 - 1 ? setTimeout(run, ms) : undefined;
}
