import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { send } from "../../../client.ts";
import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Fastify",
  folder: import.meta.dirname,
  package: "fastify",
  start: nodeServer("server.js"),
  sample: { "A route, for `app.route()`": "sample.js" },
});

/** As much of it as is used: the types need none of this folder's packages. */
interface Fastify {
  get(path: string, handler: (request: unknown, reply: { send(answer: Response): unknown }) => unknown): void;
  listen(where: { port: number; host: string }): Promise<string>;
  close(): Promise<void>;
}

// docs/frameworks.md says so; where it is mended, the sample needs no HEAD in its route.
test("the HEAD route that Fastify makes for a GET route answers a plain Response with 500", async () => {
  const { fastify } = createRequire(import.meta.url)("fastify") as { fastify(): Fastify };
  const app = fastify();
  app.get("/", (_request, reply) => reply.send(new Response("Hello")));
  const address = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
  try {
    expect((await send(address, { method: "HEAD" })).status).toBe(500);
  } finally {
    await app.close();
  }
});
