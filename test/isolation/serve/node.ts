import { serve } from "@hono/node-server";
import { ResponseThen, withResponseThen } from "../../../adapters/node.ts";
import { createFetch } from "../app.ts";
import { honoWays } from "../hono-ways.ts";

const fetch = createFetch(ResponseThen, withResponseThen, honoWays(ResponseThen));
// A busy machine is slower than the 5 s after which Node closes a connection, and a client may ask on that just then.
const serverOptions = { keepAliveTimeout: 60_000 };
serve({ fetch, port: 0, hostname: "127.0.0.1", serverOptions }, ({ port }) => console.log(`port ${port}`));
