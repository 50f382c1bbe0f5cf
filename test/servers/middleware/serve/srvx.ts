import { type ServerRequest, serve } from "srvx";
import { withResponseThen } from "../../../../adapters/srvx.ts";
import { createFetch } from "../app.ts";

const server = serve({
  fetch: createFetch(withResponseThen, (request) => (request as ServerRequest).ip),
  port: 0,
  hostname: "127.0.0.1",
  silent: true,
  gracefulShutdown: false,
});
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
