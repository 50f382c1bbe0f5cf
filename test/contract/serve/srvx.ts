import "../app/uncollected.ts";
import { serve } from "srvx";
import { type Middleware, ResponseThen, responseThen, withResponseThen } from "../../../adapters/srvx.ts";
import { alone, createFetch, type Handler, visitOf } from "../app/app.ts";
import { record } from "../app/records.ts";

const plain = alone(ResponseThen);
const fetch = createFetch(ResponseThen, withResponseThen, { middleware: plain, "middleware-told": plain });
const quiet = responseThen();

/** Only on its own ways. */
const middleware: Middleware = (request, next) => {
  const { id, way } = visitOf(request);
  if (way === "middleware") return quiet(request, next);
  return way === "middleware-told" ? responseThen(record(id, "adapter"))(request, next) : next();
};
const options = { port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false };

/** What happens first when a server is closed whose response has ended, and its callback has not. */
async function close(): Promise<Response> {
  const seen: string[] = [];
  const hello: Handler = () =>
    new ResponseThen("Hello", async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      seen.push("the callback has settled");
    });
  const server = serve({ ...options, fetch: withResponseThen(hello) });
  await server.ready();
  await (await globalThis.fetch(server.url ?? "")).text();
  await server.close();
  seen.push("the server is closed");
  return Response.json(seen);
}

const server = serve({
  ...options,
  middleware: [middleware],
  fetch: (request) => (new URL(request.url).pathname === "/control/close" ? close() : fetch(request)),
});
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
