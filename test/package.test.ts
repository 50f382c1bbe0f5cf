import { existsSync, globSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, createConsumer } from "./consumer.ts";
import { importsOf } from "./imports.ts";
import { root, run } from "./run.ts";

const manifest = readJson("package.json");
const jsr = readJson("deno.json");
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== "./package.json");

describe("every list of import paths says the same", () => {
  test("package.json exports index.ts, the middleware, the test kit, and each adapter", () => {
    const adapters = globSync("*.ts", { cwd: join(root, "adapters") }).filter((file) => !file.endsWith(".d.ts"));
    expect(subpaths.sort()).toEqual(
      [".", "./middleware", "./testing", ...adapters.map((file) => `./${file.replace(".ts", "")}`)].sort(),
    );
  });

  test.for(subpaths)("the export %s leads to a file and its types in dist", (subpath) => {
    const name = sourceOf(subpath).replace(/\.ts$/, "");
    expect(manifest.exports[subpath]).toEqual({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
    for (const file of Object.values(manifest.exports[subpath] ?? {})) {
      expect(existsSync(join(root, file)), `${file} exists; npm run build makes it`).toBe(true);
    }
  });

  test("deno.json exports the source of each, under the same version", () => {
    expect(jsr.exports).toEqual(Object.fromEntries(subpaths.map((subpath) => [subpath, `./${sourceOf(subpath)}`])));
    expect(jsr.version).toBe(manifest.version);
  });

  test("deno.json imports the package's own names from the sources", () => {
    const own = Object.entries(jsr.imports).filter(([name]) => name.startsWith("response-then"));
    expect(own).toEqual(subpaths.map((subpath) => [nameOf(subpath), `./${sourceOf(subpath)}`]));
  });

  test.for(subpaths)("README.md shows the import path of %s in backticks", (subpath) => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`\`${nameOf(subpath)}\``);
  });
});

describe("the build", () => {
  const files = globSync("dist/**/*.{js,d.ts}", { cwd: root });

  test("has a .js and a .d.ts for each source", () => {
    const sources = globSync("{src,adapters}/**/*.ts", { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
    const expected = sources.flatMap((file) => [file.replace(/ts$/, "js"), file.replace(/ts$/, "d.ts")]);
    expect(files.sort()).toEqual(expected.map((file) => join("dist", file)).sort());
  });

  test("has no import of a .ts file left", () => {
    const imports = files.flatMap((file) =>
      importsOf(join(root, file)).map(({ specifier }) => `${file}: ${specifier}`),
    );
    expect(imports.filter((each) => each.endsWith(".ts"))).toEqual([]);
  });

  test("has relative imports only of files that exist, with their types", () => {
    const missing = files.flatMap((file) =>
      importsOf(join(root, file))
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => join(file, "..", file.endsWith(".d.ts") ? specifier.replace(/js$/, "d.ts") : specifier))
        .filter((target) => !existsSync(join(root, target))),
    );
    expect(missing).toEqual([]);
  });
});

describe("the package", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = await createConsumer();
  });
  afterAll(() => consumer?.remove());

  test("holds dist and four documents, and nothing else", () => {
    const documents = consumer.files.filter((file) => !file.startsWith("dist/"));
    expect(documents.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    expect(consumer.files.filter((file) => /^dist\/(?!(src|adapters)\/[\w/-]+(\.js|\.d\.ts)$)/.test(file))).toEqual([]);
  });

  test("brings no other package along", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.optionalDependencies ?? {}).toEqual({});
    expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(Object.keys(manifest.peerDependenciesMeta ?? {}));
  });

  // The machine's own Node, which is older than the one that the tests run on.
  test("runs on Node 20, imported", async (context) => {
    const node = (await findNode(20)) ?? context.skip("no Node 20 on the PATH");
    const program = consumer.write("imported.mjs", `import { ResponseThen } from "response-then"; ${READ_TO_THE_END}`);
    expect(await run(node, [program])).toMatchObject({ code: 0, stdout: "Hello completed 5\n" });
  });

  test("runs on Node 20, required", async (context) => {
    const node = (await findNode(20)) ?? context.skip("no Node 20 on the PATH");
    const program = consumer.write(
      "required.cjs",
      `const { ResponseThen } = require("response-then"); (async () => { ${READ_TO_THE_END} })();`,
    );
    expect(await run(node, [program])).toMatchObject({ code: 0, stdout: "Hello completed 5\n" });
  });

  test.for(["node", "bun", "deno"])("runs on the installed %s", async (runtime) => {
    const program = consumer.write("program.mjs", `import { ResponseThen } from "response-then"; ${READ_TO_THE_END}`);
    const args = ["--no-install", runtime, ...(runtime === "deno" ? ["run", "--quiet"] : []), program];
    expect(await run("npx", args)).toMatchObject({ code: 0, stdout: "Hello completed 5\n" });
  });
});

const READ_TO_THE_END = `
  const seen = [];
  const response = new ResponseThen("Hello", ({ type, bytes }) => seen.push(type, bytes));
  seen.push(await response.text());
  await response.finished;
  console.log(seen.join(" "));
`;

interface Manifest {
  version: string;
  exports: Record<string, Record<string, string>>;
  imports: Record<string, string>;
  dependencies?: object;
  optionalDependencies?: object;
  peerDependencies?: object;
  peerDependenciesMeta?: object;
}

function readJson(file: string): Manifest {
  return JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
}

function sourceOf(subpath: string): string {
  if (subpath === "./middleware") return "src/middleware/index.ts";
  if (subpath === "./testing") return "src/testing.ts";
  return subpath === "." ? "src/index.ts" : `adapters/${subpath.slice(2)}.ts`;
}

function nameOf(subpath: string): string {
  return `response-then${subpath.slice(1)}`;
}

/** The path of a Node of this major version that the machine has, beside the one installed here. */
async function findNode(major: number): Promise<string | undefined> {
  const { PATH = "" } = process.env;
  for (const folder of PATH.split(delimiter)) {
    const node = join(folder, "node");
    if (folder.includes("node_modules") || !existsSync(node)) continue;
    if ((await run(node, ["--version"])).stdout.startsWith(`v${major}.`)) return node;
  }
  return undefined;
}
