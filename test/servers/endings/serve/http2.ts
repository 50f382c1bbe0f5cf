import { createServer } from "node:http2";
import { serve } from "@hono/node-server";
import { withResponseThen } from "../../../../adapters/node.ts";
import { alone, createFetch, wrappedWays } from "../app.ts";

const fetch = createFetch({ alone, ...wrappedWays(withResponseThen) });
serve({ fetch, createServer, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
