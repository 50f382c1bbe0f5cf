import { serve } from "@hono/node-server";
import { createHonoFetch } from "../hono-app.ts";

serve({ fetch: createHonoFetch(), port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
