import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { GLOBALS, type Modules, PROGRAMS } from "./programs.ts";
import { type Run, root, run } from "./run.ts";

/** A project outside the repository that has the package installed, as npm would publish it. */
export interface Consumer {
  readonly folder: string;
  /** The paths in the package. */
  readonly files: readonly string[];
  /** The package's import paths: "response-then", "response-then/node", … */
  readonly imports: readonly string[];
  write(file: string, text: string): string;
  /**
   * Type-checks a program for each import path, and every declaration on the way, in a project with these globals.
   *
   * @param without Import paths that are left out.
   */
  typeCheck(compiler: string, globals: string, modules: Modules, without?: readonly string[]): Promise<Run>;
  remove(): void;
}

/**
 * @param packages What else the project has installed: names of packages, or a name and the folder that is linked by it.
 * @param from The folder where they are.
 */
export async function createConsumer(
  packages: readonly (string | readonly [name: string, folder: string])[] = [],
  from: string = join(root, "node_modules"),
): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-"));
  const installed = join(folder, "node_modules/response-then");
  mkdirSync(installed, { recursive: true });

  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder]);
  const [tarball] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  const unpacked = await run("tar", ["-xzf", tarball.filename, "-C", installed, "--strip-components=1"], folder);
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);

  for (const each of packages) {
    const [name, linked] = typeof each === "string" ? [each, each] : each;
    mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
    symlinkSync(join(from, linked), join(folder, "node_modules", name));
  }
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { exports: object };
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  const imports = subpaths.map((subpath) => `response-then${subpath.slice(1)}`);
  const write = (file: string, text: string) => {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  write("package.json", JSON.stringify({ type: "module", dependencies: { "response-then": "*" } }));

  const typeCheck: Consumer["typeCheck"] = (compiler, globals, modules, without = []) => {
    const { lib, types, programs } = GLOBALS[globals] as (typeof GLOBALS)[string];
    const own = imports.filter((name) => !without.includes(name)).map((name) => `${name.split("/")[1] ?? "index"}.ts`);
    const all = { ...Object.fromEntries(own.map((file) => [file, PROGRAMS[file] ?? ""])), ...programs };
    const project = `${globals.replace(/\W/g, "-")}-${modules}`;
    for (const [file, text] of Object.entries(all)) write(join(project, file), text);
    const module = modules === "bundler" ? "ESNext" : modules;
    const checks = { target: "ES2022", strict: true, skipLibCheck: false, noEmit: true };
    const compilerOptions = { lib, types, module, moduleResolution: modules, ...checks };
    const tsconfig = { compilerOptions, files: Object.keys(all) };
    write(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
    return run(process.execPath, [compiler, "--pretty", "false", "-p", project], folder);
  };

  return {
    folder,
    files: tarball.files.map(({ path }) => path),
    imports,
    write,
    typeCheck,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
