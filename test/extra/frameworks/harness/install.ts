import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run } from "../../../run.ts";

/** Puts the package into a folder's node_modules, as npm publishes and installs it. */
export async function install(folder: string): Promise<void> {
  if (!existsSync(join(root, "dist/src/index.js"))) throw new Error("there is no dist: npm run build");
  const packed = mkdtempSync(join(tmpdir(), "response-then-packed-"));
  try {
    const { stdout } = await succeed("npm", ["pack", "--json", "--pack-destination", packed]);
    const [tarball] = JSON.parse(stdout) as [{ filename: string }];
    const installed = join(folder, "node_modules/response-then");
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(installed, { recursive: true });
    await succeed("tar", ["-xzf", join(packed, tarball.filename), "-C", installed, "--strip-components=1"]);
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
}

/** Runs a command that must succeed. */
export async function succeed(
  command: string,
  args: readonly string[],
  cwd = root,
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string }> {
  const { code, stdout, stderr } = await run(command, args, cwd, env);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  return { stdout };
}

/** The version of a package that a folder has installed. */
export function versionOf(folder: string, name: string): string {
  return JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")).version;
}
