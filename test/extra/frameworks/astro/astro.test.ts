import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "Astro",
  folder,
  package: "astro",
  build: [[installedIn(folder, "astro"), "build"]],
  start: nodeServer("dist/server/entry.mjs"),
  sample: {
    "An endpoint, such as `src/pages/hello.js`": "src/pages/sample.js",
    "`src/middleware.js`": "src/sample/middleware.js",
  },
});
