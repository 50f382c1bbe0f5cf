import { serve } from "@hono/node-server";
import { createFetch } from "../fetch.ts";
import { isOurs } from "../is-ours.ts";

const fetch = createFetch(isOurs ? await import("../../../../adapters/node.ts") : undefined);
const options = { fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
serve(options, ({ port }) => console.log(`port ${port}`));
