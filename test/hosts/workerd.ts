import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import type { Host } from "./host.ts";

/**
 * workerd, by a socket of its own: miniflare's entry worker would stand between the client and the Worker.
 *
 * @param binary Another workerd than the one that miniflare brings.
 */
export function workerdHost(name: string, binary?: string): Host {
  return {
    name,
    async start() {
      const bundle = await build({
        entryPoints: [fileURLToPath(new URL("./serve/workerd.ts", import.meta.url))],
        bundle: true,
        write: false,
        format: "esm",
        target: "es2022",
        external: ["cloudflare:workers"],
      });
      let complaints = "";
      // Read by miniflare when it starts the runtime.
      if (binary !== undefined) process.env.MINIFLARE_WORKERD_PATH = binary;
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
      const { port } = await miniflare.unsafeGetDirectURL();
      delete process.env.MINIFLARE_WORKERD_PATH;
      return { port: Number(port), complaints: () => complaints, close: () => miniflare.dispose() };
    },
  };
}

/** The newest workerd whose binaries the registry has for every platform. */
export const newestWorkerd: string = createRequire(import.meta.url)("workerd-newest").default;
