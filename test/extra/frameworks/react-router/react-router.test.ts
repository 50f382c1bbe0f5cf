import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "React Router",
  folder,
  package: "react-router",
  build: [[installedIn(folder, "react-router"), "build"]],
  start: nodeServer(installedIn(folder, "react-router-serve"), "build/server/index.js"),
  // Without one it tries a port, by a server that it closes again.
  env: { PORT: "3000" },
  sample: {
    "A resource route, such as `app/routes/hello.js`": "app/sample/routes/hello.js",
    "The root route, `app/root.jsx`": "app/sample/root.js",
  },
});
