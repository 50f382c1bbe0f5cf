import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const binary = (name: string) => fileURLToPath(new URL(`../../node_modules/${name}/bin/node`, import.meta.url));

/** The Nodes that are supported: the oldest, the one that runs the tests, the newest. */
export const nodes: Readonly<Record<string, string>> = {
  "node-20": binary("node-20"),
  "node-24": process.execPath,
  "node-26": binary("node-26"),
};

/** Makes one JavaScript module of a script, its packages included: Node 20 reads no TypeScript. Returns its path. */
export async function bundle(script: URL): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), "response-then-")), "server.mjs");
  await build({
    entryPoints: [fileURLToPath(script)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    // CommonJS packages, such as Express, need a require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)),
  });
  return outfile;
}
