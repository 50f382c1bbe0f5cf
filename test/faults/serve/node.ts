import process from "node:process";
import { serve } from "@hono/node-server";
import { ResponseThen, withResponseThen } from "../../../adapters/node.ts";
import { createFetch } from "../app.ts";
import { hostile } from "../hostile-routes.ts";
import { files, memory } from "../machine.ts";
import { routes } from "../routes.ts";

const fetch = createFetch(ResponseThen, withResponseThen, { ...routes, ...hostile, ...files }, memory);
const limit = Number(process.env.LIMIT ?? 0);
const serverOptions = limit ? { headersTimeout: limit, requestTimeout: limit, connectionsCheckingInterval: 50 } : {};
const server = serve({ fetch, serverOptions, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`port ${port}`);
});
// After that of a head, however busy the machine.
if (limit && "setTimeout" in server) server.setTimeout(4 * limit);
