import { Elysia } from "elysia";
import { ResponseThen, withResponseThen } from "response-then/bun";
import { answer } from "../harness/answers.ts";
import { hello } from "./sample.js";

const app = new Elysia()
  .wrap((handler) => withResponseThen(handler))
  .onAfterHandle(({ query, set }) => {
    if (query.rewrap) set.headers["x-rewrapped"] = "yes";
  })
  .get("/answers/:name", ({ request }) => answer(ResponseThen, request.url))
  .use(hello)
  .listen({ port: 0, hostname: "127.0.0.1" });

console.log(`port ${app.server.port}`);
