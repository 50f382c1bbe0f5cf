// node worker.ts <built module> [flag…] runs a built Worker on a socket of its own, and prints its port: what the
// framework's own server would put between client and Worker hides a client that leaves.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

const [built = "", ...compatibilityFlags] = process.argv.slice(2);
const uncollected = fileURLToPath(new URL("../../../contract/app/uncollected.ts", import.meta.url));

// The module is built already. Nothing is told by the garbage collector, so no verdict hangs on when it runs.
const [first, worker] = [uncollected, resolve(built)].map((path) => JSON.stringify(path));
const { outputFiles } = await build({
  stdin: { contents: `import ${first}; export { default } from ${worker};`, resolveDir: "." },
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  external: ["cloudflare:*", "node:*"],
  logLevel: "error",
});

// Read by miniflare when it starts the runtime: the newest that the root has.
process.env.MINIFLARE_WORKERD_PATH ??= createRequire(import.meta.url)("workerd-newest").default;
const miniflare = new Miniflare({
  // Listed, because miniflare would refuse an `import()` of something that it cannot read from the source.
  modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0]?.text ?? "" }],
  compatibilityDate: "2026-07-01",
  compatibilityFlags,
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  handleStructuredLogs({ level, message }: { level: string; message: string }) {
    if (level === "error") console.error(message);
    else console.log(message);
  },
});
console.log(`port ${(await miniflare.unsafeGetDirectURL()).port}`);
process.once("SIGTERM", () => miniflare.dispose());
