import { type ServerRequest, serve } from "srvx";
import { ResponseThen, withResponseThen } from "../../../dist/adapters/srvx.js";
import { announce } from "../../servers/serve/announce.ts";
import { answerOf, commonWays, createFetch } from "./app.ts";

const ways = {
  ...commonWays(ResponseThen, withResponseThen),
  promise(request: ServerRequest) {
    const { body, tell } = answerOf(request.url);
    request.waitUntil?.(Promise.resolve("").then(tell));
    return new Response(body());
  },
};
const server = serve({ fetch: createFetch(ways), port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
announce(Number(new URL(server.url ?? "").port));
