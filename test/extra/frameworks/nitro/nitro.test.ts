import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "Nitro",
  folder,
  package: "nitro",
  build: [[installedIn(folder, "nitro"), "build"]],
  start: nodeServer(".output/server/index.mjs"),
  sample: {
    "`server/plugins/response-then.js`": "server/plugins/response-then.js",
    "`server/routes/hello.js`": "server/routes/sample.js",
  },
});
