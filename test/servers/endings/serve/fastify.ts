import { fastify } from "fastify";
import { handOver } from "../../../../adapters/node.ts";
import { alone, control, type Handler, wayOf } from "../app.ts";

const ways: Record<string, Handler> = {
  alone,
  handed: async (request, response) => handOver(await alone(request), response),
};

const app = fastify();
app.route({
  method: ["GET", "HEAD"],
  url: "*",
  async handler(request, reply) {
    const handler: Handler = ways[wayOf(request)] ?? control;
    return reply.send(await handler(request, reply.raw));
  },
});
const address = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`port ${new URL(address).port}`);
