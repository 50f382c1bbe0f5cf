import { ResponseThen, withResponseThen } from "../../../../adapters/deno.ts";
import { createFetch } from "../app.ts";

declare const Deno: { serve(options: object, handler: unknown): { addr: { port: number } } };

const fetch = createFetch(ResponseThen, withResponseThen);
console.log(`port ${Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch).addr.port}`);
