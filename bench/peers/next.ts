import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createConsumer } from "../../test/consumer.ts";
import { root, run } from "../../test/run.ts";
import { type RunningServer, startProcess } from "../process.ts";

const next = join(root, "node_modules/next/dist/bin/next");

let built: Promise<string> | undefined;

/** Starts an app of Next as `next start` does. The first time it builds it, with the package as npm would publish it. */
export async function startNext(): Promise<RunningServer> {
  built ??= buildApp();
  const folder = await built;
  return startProcess({
    file: process.execPath,
    args: [next, "start", folder, "--port", "0"],
    env: { NODE_ENV: "production" },
    cwd: folder,
    announced: /http:\/\/localhost:(\d+)/,
  });
}

/** Fulfils with the app's folder, which goes with this process. */
async function buildApp(): Promise<string> {
  console.error("next: builds its app");
  const { folder, write, remove } = await createConsumer(["next", "react", "react-dom"]);
  process.once("exit", remove);
  // Its packages are links to those of the repository.
  write("next.config.mjs", 'export default { turbopack: { root: "/" } };');
  mkdirSync(join(folder, "app/[...path]"), { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("./serve/next/route.ts", import.meta.url))],
    outfile: join(folder, "app/[...path]/route.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    external: ["next", "response-then"],
  });
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  const { code, stdout, stderr } = await run(process.execPath, [next, "build", folder], folder);
  if (code !== 0) throw new Error(`next build: ${stdout}${stderr}`);
  return folder;
}
