import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "SolidStart",
  folder,
  package: "@solidjs/start",
  build: [[installedIn(folder, "vite"), "build"]],
  start: nodeServer(".output/server/index.mjs"),
  sample: {
    "An API route, such as `src/routes/hello.js`": "src/routes/sample.js",
    "The server entry, `src/entry-server.jsx`": "src/entry-server.jsx",
  },
});
