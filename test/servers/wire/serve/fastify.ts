import { fastify } from "fastify";
import { isOurs } from "../is-ours.ts";
import { answerTo } from "../node-handler.ts";

const adapter = isOurs ? await import("../../../../adapters/node.ts") : undefined;
const app = fastify();
app.route({
  // HEAD too: the one that Fastify makes of a GET fails for every web Response, as it measures it as if it were a string.
  method: ["GET", "HEAD", "POST"],
  url: "/*",
  handler: async ({ raw, body }, reply) =>
    reply.send(await answerTo(raw.url as string, async () => body as string, reply.raw, adapter)),
});
console.log(`port ${new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port}`);
