import { fastify } from "fastify";
import { handOver, ResponseThen } from "response-then/node";
import { answer } from "../harness/answers.ts";
import { hello } from "./sample.js";

const app = fastify();

app.addHook("onSend", async (request, reply) => {
  if (request.query.rewrap) reply.header("x-rewrapped", "yes");
});
app.route({
  method: ["GET", "HEAD"],
  url: "/answers/:name",
  handler: (request, reply) => reply.send(handOver(answer(ResponseThen, request.url), reply.raw)),
});
app.route(hello);

await app.listen({ port: 3000 });
