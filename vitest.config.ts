import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** `npm test` runs these two; every other test belongs to `npm run test:hosts`. CONTRIBUTING.md says when to run which. */
const unit = [
  "test/{alternatives,api-reference,docs,errors,github,layers,links,map,readme,seeds}.test.ts",
  "test/{src,adapters,properties}/**/*.test.ts",
];
const contract = ["test/contract/{bun,deno,node-24,workerd-newest,support}.test.ts"];

export default defineConfig({
  resolve: {
    // Tests and examples import the package by its name, as users do, and get the sources.
    alias: [
      { find: /^response-then$/, replacement: path("./src/index.ts") },
      { find: /^response-then\/middleware$/, replacement: path("./src/middleware/index.ts") },
      { find: /^response-then\/testing$/, replacement: path("./src/testing.ts") },
      { find: /^response-then\/(.*)$/, replacement: path("./adapters/$1.ts") },
    ],
  },
  test: {
    setupFiles: ["./test/no-unhandled-rejections.ts"],
    // For what hangs. What is slow on a busy machine is no failure.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    // Nearly all tests wait for sockets and timers: one worker for each core would leave the cores idle.
    maxWorkers: "150%",
    // For concurrent tests. A shared worker keeps the limit of its first file, so no file sets its own.
    maxConcurrency: 20,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: unit,
          // The core counts what is in flight in its process, and these tests replace globals, so each file has a process.
          isolate: true,
        },
      },
      { extends: true, test: { name: "contract", include: contract, isolate: false } },
      {
        extends: true,
        test: {
          name: "hosts",
          include: ["test/**/*.test.ts"],
          // What is slow to install has a lock of its own: npm run test:all.
          exclude: ["**/node_modules/**", "test/extra/**", ...unit, ...contract],
          isolate: false,
        },
      },
    ],
  },
});
