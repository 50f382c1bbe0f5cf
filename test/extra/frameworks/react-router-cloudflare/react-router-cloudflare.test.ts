import { installedIn, workerServer } from "../harness/framework.ts";
import { testKeptAlive } from "../harness/kept-alive.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework(
  {
    name: "React Router on Cloudflare",
    folder,
    package: "react-router",
    build: [[installedIn(folder, "react-router"), "build"]],
    start: workerServer("build/server/index.js", "nodejs_compat", "enable_request_signal"),
    env: { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    sample: {
      "A resource route, such as `app/routes/hello.js`": "app/sample/routes/hello.js",
      "The Worker, `workers/app.js`": "workers/app.js",
    },
  },
  testKeptAlive,
);
