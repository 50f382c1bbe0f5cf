import { installed } from "../../../servers/shutdown/process.ts";
import { uncollected } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

testFramework({
  name: "Elysia",
  folder: import.meta.dirname,
  package: "elysia",
  start: [installed("bun"), "--preload", uncollected, "server.js"],
  sample: { "On Bun": "sample.js" },
});
