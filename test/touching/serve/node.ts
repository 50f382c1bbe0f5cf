import { serve } from "@hono/node-server";
import * as adapter from "../../../adapters/node.ts";
import { createFetch } from "../app.ts";

serve({ fetch: createFetch(adapter), port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
