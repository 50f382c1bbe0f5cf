import Koa from "koa";
import { handOver, ResponseThen } from "response-then/node";
import { answer } from "../harness/answers.ts";
import { hello } from "./sample.js";

const app = new Koa();

app.use(async (ctx, next) => {
  await next();
  if (ctx.query.rewrap) ctx.set("x-rewrapped", "yes");
});

app.use((ctx) => {
  if (ctx.path === "/sample") return hello(ctx);
  ctx.body = handOver(answer(ResponseThen, ctx.url), ctx.res);
});

app.listen(3000);
