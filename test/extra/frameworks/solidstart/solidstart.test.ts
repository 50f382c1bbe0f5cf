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
    '`server/plugins/response-then.js`, with `nitro({ serverDir: "./server" })` in `vite.config.js`':
      "server/plugins/response-then.js",
    "`src/routes/hello.js`": "src/routes/sample.js",
  },
});
