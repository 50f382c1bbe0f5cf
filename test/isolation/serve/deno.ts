import { ResponseThen, withResponseThen } from "../../../adapters/deno.ts";
import { createFetch, type Handler } from "../app.ts";
import { honoWays } from "../hono-ways.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const onError = () => new Response("failed", { status: 500 });
const options = { port: 0, hostname: "127.0.0.1", onListen() {}, onError };
const { addr } = Deno.serve(options, createFetch(ResponseThen, withResponseThen, honoWays(ResponseThen)));
console.log(`port ${addr.port}`);
