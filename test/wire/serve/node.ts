// @hono/node-server, 2.x or 1.19, with its own Response in the place of the global one or without.
import process from "node:process";
import { createFetch } from "../app.ts";

const [whose, server = "", overrides] = process.argv.slice(2);
const { serve } = (await import(server)) as typeof import("@hono/node-server");
const ours =
  whose === "ours" ? (await import("../ours.ts")).oursOf(await import("../../../adapters/node.ts")) : undefined;
const options = { port: 0, hostname: "127.0.0.1", overrideGlobalObjects: overrides !== "native" };
serve({ ...options, fetch: createFetch(ours) }, ({ port }) => console.log(`port ${port}`));
