import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run } from "./run.ts";

/** A project outside the repository that has the package installed, as npm would publish it. */
export interface Consumer {
  readonly folder: string;
  /** The paths in the package. */
  readonly files: readonly string[];
  write(file: string, text: string): string;
  remove(): void;
}

/** @param packages What else the project has installed: names of packages that are installed in the repository. */
export async function createConsumer(packages: readonly string[] = []): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-"));
  const installed = join(folder, "node_modules/response-then");
  mkdirSync(installed, { recursive: true });

  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder]);
  const [tarball] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  const unpacked = await run("tar", ["-xzf", tarball.filename, "-C", installed, "--strip-components=1"], folder);
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);

  for (const name of packages) {
    mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  write("package.json", JSON.stringify({ type: "module", dependencies: { "response-then": "*" } }));
  return {
    folder,
    files: tarball.files.map(({ path }) => path),
    write,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
