import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

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
    include: ["test/**/*.test.ts"],
    // What is slow to install has a lock of its own: npm run test:all.
    exclude: ["**/node_modules/**", "test/extra/**"],
    setupFiles: ["./test/no-unhandled-rejections.ts"],
    reporters: ["default", ["json", { outputFile: "reports/vitest.json" }]],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
