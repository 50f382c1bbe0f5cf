import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Hono",
  folder: import.meta.dirname,
  package: "hono",
  start: nodeServer("server.js"),
  sample: { "The app": "sample.js" },
});
