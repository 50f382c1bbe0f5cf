import { defineConfig } from "vitest/config";
import root from "../../../vitest.config.ts";

export default defineConfig({
  // Its names for the package: the sources.
  resolve: root.resolve ?? {},
  root: import.meta.dirname,
  test: { include: ["realm.spec.ts"] },
});
