import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Fastify",
  folder: import.meta.dirname,
  package: "fastify",
  start: nodeServer("server.js"),
  sample: { "A route, for `app.route()`": "sample.js" },
});
