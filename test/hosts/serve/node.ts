import { serve } from "@hono/node-server";
import { ResponseThen } from "../../../src/index.ts";
import { createFetch } from "../app.ts";

serve({ fetch: createFetch(ResponseThen), port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
