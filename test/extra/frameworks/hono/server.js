import { serve } from "@hono/node-server";
import { ResponseThen } from "response-then/hono";
import { answer } from "../harness/answers.ts";
import { app } from "./sample.js";

app.use(async (c, next) => {
  await next();
  if (c.req.query("rewrap")) c.header("x-rewrapped", "yes");
});
app.get("/answers/:name", (c) => answer(ResponseThen, c.req.url));

serve({ fetch: app.fetch, port: 3000 });
