// What a bundler takes of the package, as npm would install it: what is not used costs nothing.
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, createConsumer } from "./consumer.ts";

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer();
});
afterAll(() => consumer?.remove());

interface Bundle {
  readonly code: string;
  /** The files of the package that have a part in it, without "dist/". */
  readonly files: readonly string[];
}

async function bundle(contents: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: consumer.folder },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    external: ["cloudflare:workers", "next/server.js"],
    logLevel: "silent",
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return {
    code: outputFiles[0]?.text ?? "",
    files: inputs.flatMap(([file, { bytesInOutput }]) => {
      const [, inDist] = file.split("response-then/dist/");
      return inDist !== undefined && bytesInOutput > 0 ? [inDist] : [];
    }),
  };
}

const CORE = `import { ResponseThen } from "response-then"; console.log(new ResponseThen("Hello", console.log));`;

/** Import paths that are files of `adapters`. */
const adapters = () => consumer.imports.filter((name) => !/^response-then(\/middleware|\/testing)?$/.test(name));
const fileOf = (adapter: string) => `adapters/${adapter.split("/")[1]}.js`;

test("the class alone takes nothing of an adapter, of the middleware or of the test kit", async () => {
  const { files } = await bundle(CORE);
  expect(files).toContain("src/response-then.js");
  // Of an exchange only whether there is one.
  expect(files.filter((file) => file.startsWith("src/exchange/"))).toEqual(["src/exchange/current.js"]);
  expect(files.filter((file) => /^adapters\/|^src\/(middleware|queues)\/|^src\/testing\./.test(file))).toEqual([]);
});

test("every import path that is imported and not used takes nothing", async () => {
  for (const name of consumer.imports) {
    expect({ name, ...(await bundle(`import * as unused from "${name}";`)) }).toEqual({ name, code: "", files: [] });
  }
});

test("beside the class, every other import path that is not used takes nothing", async () => {
  const alone = await bundle(CORE);
  const others = consumer.imports.filter((name) => name !== "response-then");
  const unused = others.map((name, i) => `import * as unused${i} from "${name}";`);
  // After the class, so that its files stand in the same order.
  expect(await bundle(`${CORE} ${unused.join("\n")}`)).toEqual(alone);
});

test("every adapter takes nothing of another", async () => {
  for (const name of adapters()) {
    const { files } = await bundle(`import * as all from "${name}"; console.log(all);`);
    expect({ name, files: files.filter((file) => file.startsWith("adapters/")) }).toEqual({
      name,
      files: [fileOf(name)],
    });
    expect(files.filter((file) => /middleware|testing/.test(file))).toEqual([]);
  }
});

test("of a queue's adapter only the queue's callback is taken, and not the class", async () => {
  for (const name of ["response-then/bullmq", "response-then/cloudflare-queue"]) {
    const { files } = await bundle(`import { enqueue } from "${name}"; console.log(enqueue);`);
    expect(files.toSorted()).toEqual([
      fileOf(name),
      "src/expected.js",
      "src/lifecycle/wait.js",
      "src/queues/queue-callback.js",
    ]);
  }
});
