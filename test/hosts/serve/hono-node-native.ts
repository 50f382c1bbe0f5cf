import { serve } from "@hono/node-server";
import { createHonoFetch } from "../hono-app.ts";

const options = { fetch: createHonoFetch(), port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
serve(options, ({ port }) => console.log(`port ${port}`));
