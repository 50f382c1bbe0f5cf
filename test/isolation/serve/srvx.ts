// The same on Node, Bun and Deno.
import { serve } from "srvx";
import { ResponseThen, withResponseThen } from "../../../adapters/srvx.ts";
import { createFetch } from "../app.ts";

const fetch = createFetch(ResponseThen, withResponseThen);
const error = () => new Response("failed", { status: 500 });
const server = serve({ fetch, error, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
