// The same on Node, Bun and Deno.
import { serve } from "srvx";
import { createFetch } from "../fetch.ts";
import { isOurs } from "../is-ours.ts";

const fetch = createFetch(isOurs ? await import("../../../../adapters/srvx.ts") : undefined);
const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(`port ${new URL(server.url as string).port}`);
