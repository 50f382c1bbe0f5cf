import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { ResponseThen, withResponseThen } from "../../../dist/adapters/node.js";
import { announce } from "../../servers/serve/announce.ts";
import { answerOf, commonWays, createFetch } from "./app.ts";

// What a logger of Hono does.
const app = new Hono();
app.use(async (c, next) => {
  await next();
  await answerOf(c.req.url).tell("");
});
app.get("*", (c) => c.body(answerOf(c.req.url).body()));

const ways = { ...commonWays(ResponseThen, withResponseThen), logger: app.fetch };
serve({ fetch: createFetch(ways), port: 0, hostname: "127.0.0.1" }, ({ port }) => announce(port));
