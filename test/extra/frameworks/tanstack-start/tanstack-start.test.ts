import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "TanStack Start",
  folder,
  package: "@tanstack/react-start",
  build: [[installedIn(folder, "vite"), "build"]],
  start: nodeServer(installedIn(folder, "srvx"), "serve", "--prod", "--entry", "dist/server/server.js"),
  sample: {
    "A server route, `src/routes/sample.js`": "src/routes/sample.js",
    "The server entry, `src/server.js`": "src/server.js",
  },
});
