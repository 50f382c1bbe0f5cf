import { Elysia } from "elysia";
import { ResponseThen, withResponseThen } from "../../../dist/adapters/bun.js";
import { announce } from "../../servers/serve/announce.ts";
import { answerOf, commonWays, control, type Way } from "./app.ts";

const { plain, alone, wrapped } = commonWays(ResponseThen, (handler) => withResponseThen(handler)) as Record<
  "plain" | "alone" | "wrapped",
  Way
>;

const app = new Elysia()
  .get("/plain/*", ({ request }) => plain(request))
  .get("/alone/*", ({ request }) => alone(request))
  .get("/wrapped/*", ({ request, server }) => wrapped(request, server))
  .get("/after/*", ({ request }) => new Response(answerOf(request.url).body()), {
    afterResponse: ({ request }) => answerOf(request.url).tell(""),
  })
  .get("/*", ({ request }) => control(request.url))
  .listen({ port: 0, hostname: "127.0.0.1" });
announce(app.server?.port ?? 0);
