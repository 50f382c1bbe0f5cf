import { installedIn, workerServer } from "../harness/framework.ts";
import { testKeptAlive } from "../harness/kept-alive.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework(
  {
    name: "SvelteKit on Cloudflare",
    folder,
    package: "@sveltejs/kit",
    build: [
      [installedIn(folder, "vite"), "build"],
      // What is deployed.
      [installedIn(folder, "wrangler"), "deploy", "--dry-run", "--outdir", "build"],
    ],
    start: workerServer("build/_worker.js", "nodejs_compat", "enable_request_signal"),
    env: { WRANGLER_SEND_METRICS: "false" },
    sample: {
      "An endpoint, such as `src/routes/hello/+server.js`": "src/routes/sample/+server.js",
      "`src/hooks.server.js`": "src/sample/hooks.server.js",
    },
  },
  testKeptAlive,
);
