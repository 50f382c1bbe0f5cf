import { serve } from "srvx";
import { type Middleware, responseThen, withResponseThen } from "../../../../adapters/srvx.ts";
import { alone, createFetch, idOf, wayOf, wrappedWays } from "../app.ts";
import { record } from "../records.ts";

const ways = { alone, ...wrappedWays(withResponseThen), middleware: alone, "middleware-told": alone };

const quiet = responseThen();
/** Only on its own ways. */
const middleware: Middleware = (request, next) => {
  const way = wayOf(request);
  if (way === "middleware") return quiet(request, next);
  return way === "middleware-told" ? responseThen(record(idOf(request), "adapter"))(request, next) : next();
};

const server = serve({
  fetch: createFetch(ways),
  middleware: [middleware],
  port: 0,
  hostname: "127.0.0.1",
  silent: true,
  gracefulShutdown: false,
});
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
