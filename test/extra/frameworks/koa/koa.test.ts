import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Koa",
  folder: import.meta.dirname,
  package: "koa",
  start: nodeServer("server.js"),
  sample: { "A middleware": "sample.js" },
});
