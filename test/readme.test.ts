// The programs of README.md, as they stand there, with the package as it is built, or on workerd from the sources.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { send } from "./client.ts";
import { type Consumer, createConsumer } from "./consumer.ts";
import { startWorker } from "./hosts/workerd.ts";
import { root } from "./run.ts";
import { type RunningProcess, startProcess } from "./servers/shutdown/process.ts";

const page = readFileSync(join(root, "README.md"), "utf8");
const programs = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);

/** The program that imports from `path` and answers requests. */
function program(path: string): string {
  const found = programs.filter((code) => code.includes(`from "${path}"`) && code.includes("export default"));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

let consumer: Consumer;
let server: RunningProcess | undefined;
beforeAll(async () => {
  consumer = await createConsumer(["@hono/node-server", "hono"]);
  copyFileSync(join(import.meta.dirname, "recipes/serve.ts"), join(consumer.folder, "serve.ts"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => consumer?.remove());

async function startOnNode(code: string): Promise<URL> {
  const file = consumer.write("program.ts", code);
  server = startProcess(
    [process.execPath, join(consumer.folder, "serve.ts"), file],
    {},
    pathToFileURL(`${consumer.folder}/`),
  );
  const [, port] = await server.line(/^port (\d+)$/);
  return new URL(`http://127.0.0.1:${port}/`);
}

const read = async (url: URL) => String(await (await send(url)).readAll());

test("the first one prints what its comment says", async () => {
  const code = program("response-then");
  expect(await read(await startOnNode(code))).toBe("Hello");
  const [, type, bytes] = /\/\/ (\w+) (\d+) [\d.]+$/m.exec(code) ?? [];
  const [line] = (await server?.line(/^completed .*$/)) ?? [];
  expect(line).toMatch(new RegExp(`^${type} ${bytes} [\\d.]+$`));
});

test("Hono's prints each of its lines", async () => {
  const url = await startOnNode(program("response-then/hono"));
  expect(await read(url)).toBe("Hello");
  await server?.line(/^completed 200$/);
  expect(await read(new URL("/text", url))).toBe("Hello");
  await server?.line(/^after this one too 5$/);
  await vi.waitUntil(() => server?.printed.filter((line) => line === "completed 200").length === 2, {
    timeout: 15_000,
  });
  expect(server?.printed.filter((line) => !/^(pid|port) /.test(line)).sort()).toEqual([
    "after this one",
    "after this one too 5",
    "completed 200",
    "completed 200",
  ]);
});

test("the Worker's prints how the response ended", async () => {
  const entry = pathToFileURL(consumer.write("worker.ts", program("response-then/cloudflare")));
  const worker = await startWorker(entry, {});
  try {
    expect(await read(new URL(`http://127.0.0.1:${worker.port}/`))).toBe("Hello");
    await vi.waitUntil(() => worker.complaints() === "completed\n", { timeout: 10_000 });
  } finally {
    await worker.close();
  }
});
