import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "GraphQL Yoga",
  folder: import.meta.dirname,
  package: "graphql-yoga",
  start: nodeServer("sample.js"),
  sample: { "On `@hono/node-server`": "sample.js" },
  sampled: { path: "/graphql?query=%7Bhello%7D", body: '{"data":{"hello":"Hello"}}', prints: "completed 26" },
});
