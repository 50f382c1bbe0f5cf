import "../app/uncollected.ts";
import { ResponseThen, withResponseThen } from "../../../adapters/deno.ts";
import { createFetch, type Handler } from "../app/app.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
const { addr } = Deno.serve(options, createFetch(ResponseThen, withResponseThen));
console.log(`port ${addr.port}`);
