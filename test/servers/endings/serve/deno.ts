import { withResponseThen } from "../../../../adapters/deno.ts";
import { alone, createFetch, type Handler, wrappedWays } from "../app.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const fetch = createFetch({ alone, ...wrappedWays(withResponseThen) });
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
console.log(`port ${addr.port}`);
