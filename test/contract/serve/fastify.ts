import "../app/uncollected.ts";
import { fastify } from "fastify";
import { answer } from "./handed.ts";

const app = fastify();
// Whatever a client sends.
app.addContentTypeParser("*", (_request, _payload, done) => done(null));
app.route({
  method: ["GET", "HEAD", "POST"],
  url: "*",
  handler: async ({ raw }, reply) => reply.send(await answer(raw, reply.raw)),
});
const address = await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`port ${new URL(address).port}`);
