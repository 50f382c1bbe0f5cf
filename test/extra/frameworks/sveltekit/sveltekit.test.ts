import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "SvelteKit",
  folder,
  package: "@sveltejs/kit",
  build: [[installedIn(folder, "vite"), "build"]],
  start: nodeServer("build/index.js"),
  sample: {
    "An endpoint, such as `src/routes/hello/+server.js`": "src/routes/sample/+server.js",
    "`src/hooks.server.js`": "src/sample/hooks.server.js",
  },
});
