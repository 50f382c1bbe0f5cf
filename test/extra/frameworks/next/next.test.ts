import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "Next.js",
  folder,
  package: "next",
  build: [[installedIn(folder, "next"), "build"]],
  start: nodeServer("node_modules/next/dist/bin/next", "start"),
  env: { NEXT_TELEMETRY_DISABLED: "1" },
  sample: { "`app/hello/route.js`": "app/sample/route.js" },
});
