import { serve } from "srvx";
import { ResponseThen, withResponseThen } from "../../../dist/adapters/srvx.js";
import { announce } from "./announce.ts";
import { createFetch } from "./app.ts";

const server = serve({
  fetch: createFetch(ResponseThen, withResponseThen),
  port: 0,
  hostname: "127.0.0.1",
  silent: true,
});
await server.ready();
announce(Number(new URL(server.url ?? "").port));
