// h3, on srvx; on Node, Bun and Deno. Told the one way that it will be asked for, it has a middleware for that alone.
import process from "node:process";
import { H3, onDispose, serve } from "h3";
import { type Middleware, ResponseThen, responseThen } from "../../../dist/adapters/srvx.js";
import { announce } from "../../servers/serve/announce.ts";
import { answerOf, commonWays, control } from "./app.ts";

const app = new H3();
const { plain, alone } = commonWays(ResponseThen);
app.get("/plain/*", (event) => plain?.(event.req));
app.get("/alone/*", (event) => alone?.(event.req));
app.get("/wrapped/*", (event) => alone?.(event.req));
app.get("/dispose/*", (event) => {
  const { body, tell } = answerOf(event.req.url);
  onDispose(event, (reason) => tell(reason === undefined ? "" : "a reason"));
  return new Response(body());
});
app.get("/*", (event) => control(event.req.url));

const [only] = process.argv.slice(2);
const wrapped = responseThen();
const forItsWay: Middleware = (request, next) => (request.url.includes("/wrapped/") ? wrapped(request, next) : next());
const middleware = { wrapped: [wrapped], all: [forItsWay] }[only ?? "all"] ?? [];
const server = serve(app, {
  middleware,
  port: 0,
  hostname: "127.0.0.1",
  silent: true,
});
await server.ready();
announce(Number(new URL(server.url ?? "").port));
