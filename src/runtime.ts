const { navigator, Bun, Deno } = globalThis as { navigator?: { userAgent?: string }; Bun?: unknown; Deno?: unknown };

/** Whether this is the runtime of Cloudflare Workers. */
export const onWorkers: boolean = navigator?.userAgent === "Cloudflare-Workers";

/** Whether this is Bun, which takes a response's headers away with what it sends unless somebody has looked at them. */
export const onBun: boolean = Bun !== undefined;

/** Whether this is Deno. */
export const onDeno: boolean = Deno !== undefined;
/** Whether this is the Edge Runtime of Next and Vercel: some of Node's functions are there, and throw when used. */
export const onEdge: boolean = typeof (globalThis as { EdgeRuntime?: unknown }).EdgeRuntime === "string";
