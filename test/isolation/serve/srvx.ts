// The same on Node, Bun and Deno.
import { serve } from "srvx";
import { ResponseThen, withResponseThen } from "../../../adapters/srvx.ts";
import { createFetch } from "../app.ts";

const fetch = createFetch(ResponseThen, withResponseThen);
const error = () => new Response("failed", { status: 500 });
// A busy machine is slower than the 5 s after which Node closes a connection, and a client may ask on that just then.
const node = { keepAliveTimeout: 60_000 };
const server = serve({ fetch, error, port: 0, hostname: "127.0.0.1", silent: true, node });
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
