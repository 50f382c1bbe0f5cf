// The same on Node, Bun and Deno.
import process from "node:process";
import { serve } from "srvx";
import { createFetch } from "../app.ts";

const ours =
  process.argv[2] === "ours"
    ? (await import("../ours.ts")).oursOf(await import("../../../adapters/srvx.ts"))
    : undefined;
const server = serve({ fetch: createFetch(ours), port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
