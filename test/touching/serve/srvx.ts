// The same on Node, Bun and Deno.
import { serve } from "srvx";
import * as adapter from "../../../adapters/srvx.ts";
import { createFetch } from "../app.ts";

// Deno ends the process where a response is sent a second time, plain ones too.
globalThis.addEventListener?.("unhandledrejection", (event) => {
  if (/already been consumed/.test(`${event.reason}`)) event.preventDefault();
});

const error = () => new Response("failed", { status: 500 });
const server = serve({ fetch: createFetch(adapter), error, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
