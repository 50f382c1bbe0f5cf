import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import type { Host } from "./host.ts";

/** workerd, by a socket of its own: miniflare's entry worker would stand between the client and the Worker. */
export const workerd: Host = {
  name: "workerd",
  async start() {
    const entry = fileURLToPath(new URL("./serve/workerd.ts", import.meta.url));
    const bundle = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      external: ["cloudflare:workers"],
    });
    let complaints = "";
    const miniflare = new Miniflare({
      modules: true,
      script: bundle.outputFiles[0]?.text ?? "",
      compatibilityDate: "2026-07-01",
      compatibilityFlags: ["enable_request_signal"],
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      handleStructuredLogs: ({ message }: { message: string }) => {
        complaints += `${message}\n`;
      },
    });
    const url = await miniflare.unsafeGetDirectURL();
    return { port: Number(url.port), complaints: () => complaints, close: () => miniflare.dispose() };
  },
};
