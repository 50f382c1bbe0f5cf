import { expect, test, vi } from "vitest";
import { send } from "../../../client.ts";
import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const graphql = (query: string) => `/graphql?query=${encodeURIComponent(query)}`;

testFramework(
  {
    name: "GraphQL Yoga",
    folder: import.meta.dirname,
    package: "graphql-yoga",
    start: nodeServer("sample.js"),
    sample: { "On `@hono/node-server`": "sample.js" },
    sampled: { path: graphql("{hello}"), body: '{"data":{"hello":"Hello"}}', prints: "completed 26" },
  },
  (app) => {
    test("a client that leaves a subscription: the callback is told, and the generator has stopped", async () => {
      // The sample's callback is told of all responses, those of the rows before this one too.
      const canceled = () =>
        app()
          .lines()
          .filter((line) => line.startsWith("canceled ")).length;
      const before = canceled();
      const exchange = await send(app().url(graphql("subscription { ticks }")));
      expect(exchange.status).toBe(200);
      await exchange.readAtLeast(2_000);
      exchange.socket.resetAndDestroy();
      await app().printed((line) => line === "no more ticks");
      await vi.waitFor(() => expect(canceled()).toBe(before + 1), { timeout: 30_000 });
    });
  },
);
