import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "Nuxt",
  folder,
  package: "nuxt",
  build: [[installedIn(folder, "nuxt"), "build"]],
  start: nodeServer(".output/server/index.mjs"),
  sample: { "`server/routes/hello.js`": "server/routes/sample.js" },
});
