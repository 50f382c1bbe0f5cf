import { ResponseThen, withResponseThen } from "../../../adapters/deno.ts";
import { createFetch, type Handler } from "../app.ts";
import { hostile } from "../hostile-routes.ts";
import { files, memory } from "../machine.ts";
import { routes } from "../routes.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const fetch = createFetch(ResponseThen, withResponseThen, { ...routes, ...hostile, ...files }, memory);
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
console.log(`port ${addr.port}`);
