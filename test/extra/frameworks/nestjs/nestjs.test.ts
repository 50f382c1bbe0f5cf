import { installedIn, nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

const folder = import.meta.dirname;

testFramework({
  name: "NestJS",
  folder,
  package: "@nestjs/core",
  build: [[installedIn(folder, "tsc"), "-p", "."]],
  start: nodeServer("build/nestjs/app/main.js"),
  sample: { "A controller, on Express": "app/hello.controller.ts" },
});
