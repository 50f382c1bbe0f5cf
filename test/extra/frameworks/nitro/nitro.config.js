import { defineConfig } from "nitro";

export default defineConfig({ preset: "node-server", serverDir: "./server" });
