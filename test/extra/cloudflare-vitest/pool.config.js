import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./pool/wrangler.jsonc" } })],
  test: { include: ["pool/*.spec.js"] },
});
