import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Express",
  folder: import.meta.dirname,
  package: "express",
  start: nodeServer("server.js"),
  sample: { "A handler": "sample.js" },
});
