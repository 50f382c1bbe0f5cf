import * as adapter from "../../../adapters/deno.ts";
import { createFetch, type Handler } from "../app.ts";

// Deno ends the process where a response is sent a second time, plain ones too.
globalThis.addEventListener?.("unhandledrejection", (event) => {
  if (/already been consumed/.test(`${event.reason}`)) event.preventDefault();
});

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const onError = () => new Response("failed", { status: 500 });
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, onError }, createFetch(adapter));
console.log(`port ${addr.port}`);
