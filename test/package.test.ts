import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { READ_ON } from "../src/expected.ts";
import { type Consumer, createConsumer } from "./consumer.ts";
import { nodes } from "./hosts/node-versions.ts";
import { importsOf } from "./imports.ts";
import { root, run } from "./run.ts";

const manifest = readJson("package.json");
const jsr = readJson("deno.json");
const subpaths = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== "./package.json")
  .sort();

describe("every list of import paths says the same", () => {
  test("package.json exports index.ts, the middleware, the test kit, and each adapter", () => {
    const adapters = globSync("*.ts", { cwd: join(root, "adapters") }).filter(
      (file) => !file.endsWith(".d.ts") && file !== "cloudflare-elsewhere.ts",
    );
    expect(subpaths).toEqual(
      [".", "./middleware", "./testing", ...adapters.map((file) => `./${file.replace(".ts", "")}`)].sort(),
    );
  });

  test.for(subpaths)("the export %s leads to a file and its types in dist", (subpath) => {
    const name = sourceOf(subpath).replace(/\.ts$/, "");
    const elsewhere = "./dist/adapters/cloudflare-elsewhere.js";
    expect(manifest.exports[subpath]).toEqual({
      types: `./dist/${name}.d.ts`,
      // On Workers the plain import waits for callbacks too, and elsewhere that of Workers can be loaded.
      ...([".", "./cloudflare"].includes(subpath) && { workerd: "./dist/adapters/cloudflare.js" }),
      // By name: what bundles for Workers without the condition must not get the other one.
      ...(subpath === "./cloudflare" && { node: elsewhere, bun: elsewhere, deno: elsewhere }),
      default: `./dist/${name}.js`,
    });
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
    expect(own.sort()).toEqual(subpaths.map((subpath) => [nameOf(subpath), `./${sourceOf(subpath)}`]));
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
    consumer = await createConsumer(["next"]);
  });
  afterAll(() => consumer?.remove());

  test("holds dist and five documents, and nothing else", () => {
    const documents = consumer.files.filter((file) => !file.startsWith("dist/"));
    expect(documents.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "docs/errors.md", "package.json"]);
    expect(consumer.files.filter((file) => /^dist\/(?!(src|adapters)\/[\w/-]+(\.js|\.d\.ts)$)/.test(file))).toEqual([]);
  });

  test("holds the page that its messages lead to, for JSR too", () => {
    const page = READ_ON.replace("; see response-then/", "");
    expect(consumer.files).toContain(page);
    expect(jsr.publish?.include).toContain(page);
  });

  test("is published in the open, with provenance", () => {
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  });

  test("brings no other package along", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.optionalDependencies ?? {}).toEqual({});
    expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(Object.keys(manifest.peerDependenciesMeta ?? {}));
  });

  describe.each(Object.keys(RUNTIMES))("on %s", (runtime) => {
    const start = RUNTIMES[runtime] as readonly string[];
    const runs = (program: string) => run(start[0] as string, [...start.slice(1), program]);

    test("reads a response to its end", async () => {
      const text = `import { ResponseThen } from "response-then"; ${READ_TO_THE_END}`;
      expect(await runs(consumer.write("read.mjs", text))).toMatchObject({ code: 0, stdout: "Hello completed 5\n" });
    });

    test("imports every import path", async () => {
      const text = `for (const name of ${loadable}) console.log(name, Object.keys(await import(name)).sort().join());`;
      expect(await runs(consumer.write("import.mjs", text))).toMatchObject({ code: 0, stdout: await namesOfSources() });
    });

    test("requires every import path", async () => {
      const text = `for (const name of ${loadable}) console.log(name, Object.keys(require(name)).sort().join());`;
      expect(await runs(consumer.write("require.cjs", text))).toMatchObject({
        code: 0,
        stdout: await namesOfSources(),
      });
    });
  });

  test("on Bun a redirect without a callback takes an init, as Bun's own does", async () => {
    const text = `
      import { ResponseThen } from "response-then";
      const { status, headers } = ResponseThen.redirect("http://localhost/", { status: 301, headers: { a: "b" } });
      console.log(status, headers.get("a"), headers.get("location"));
    `;
    const [bun = "", ...args] = RUNTIMES.bun as readonly string[];
    const program = consumer.write("redirect.mjs", text);
    expect(await run(bun, [...args, program])).toMatchObject({ code: 0, stdout: "301 b http://localhost/\n" });
  });
});

/** How each runtime runs a program. The package runs on the oldest Node that has `require()` of modules, and on the newest. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, [node]])),
  bun: ["npx", "--no-install", "bun"],
  deno: ["npx", "--no-install", "deno", "run", "--quiet", "--allow-read", "--allow-env"],
};

const loadable = JSON.stringify(subpaths.map(nameOf));

/** What each import path exports, by its source. */
async function namesOfSources(): Promise<string> {
  let lines = "";
  for (const subpath of subpaths) {
    const source = sourceOf(subpath).replace("/cloudflare.ts", "/cloudflare-elsewhere.ts");
    const exported = (await import(join(root, source))) as object;
    lines += `${nameOf(subpath)} ${Object.keys(exported).sort().join()}\n`;
  }
  return lines;
}

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
  publish?: { include: string[] };
  publishConfig?: object;
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
