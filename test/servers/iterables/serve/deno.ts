import { withResponseThen } from "../../../../adapters/deno.ts";
import { createFetch } from "../app.ts";

declare const Deno: { serve(options: object, handler: unknown): { addr: { port: number } } };

const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, createFetch(withResponseThen as never));
console.log(`port ${addr.port}`);
