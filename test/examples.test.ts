// The examples, by real sockets: the Workers each started as its wrangler.jsonc says, on a real workerd; the servers on
// the runtime that their README.md names, with the package as it is built.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "./client.ts";
import type { RunningWorker } from "./hosts/workerd.ts";
import { startByWrangler } from "./hosts/wrangler.ts";
import { installed, type RunningProcess, startProcess } from "./servers/shutdown/process.ts";

/** The little that is used of a KV namespace, whose own types need those of the Workers runtime. */
interface Namespace {
  list(): Promise<{ keys: { name: string }[] }>;
  get(name: string, type: "json"): Promise<unknown>;
}

/** The entries of a KV namespace, parsed. */
async function entriesOf({ miniflare }: RunningWorker, binding: string): Promise<Record<string, unknown>> {
  const namespace = (await miniflare.getKVNamespace(binding)) as unknown as Namespace;
  const { keys } = await namespace.list();
  return Object.fromEntries(await Promise.all(keys.map(async ({ name }) => [name, await namespace.get(name, "json")])));
}

/** The lines of log about a path, when they are as many as expected. */
async function logged(worker: RunningWorker, path: string, count = 1): Promise<string[]> {
  const lines = () =>
    worker
      .complaints()
      .split("\n")
      .filter((line) => line.split(" ")[1] === path);
  await vi.waitUntil(() => lines().length >= count, { timeout: 10_000 });
  return lines();
}

describe("examples/cloudflare", () => {
  let worker: RunningWorker;
  let origin: Server;
  beforeAll(async () => {
    origin = createServer(({ method, url }, response) => {
      response.setHeader("x-origin", "yes");
      if (url === "/missing") response.writeHead(404).end("nothing");
      else if (url === "/silent") response.write("x".repeat(2_000));
      else if (url === "/down") response.destroy();
      else response.end(`${method} ${url}`);
    }).listen(0, "127.0.0.1");
    await once(origin, "listening");
    const { port } = origin.address() as { port: number };
    worker = await startByWrangler(new URL("../examples/cloudflare/", import.meta.url), {
      ORIGIN: `http://127.0.0.1:${port}`,
    });
  });
  afterAll(async () => {
    await worker.close();
    origin.closeAllConnections();
    origin.close();
  });

  const ask = (path: string) => send(new URL(`http://127.0.0.1:${worker.port}${path}`));
  const bills = async () => Object.values(await entriesOf(worker, "LEDGER")) as { path: string }[];
  const billOf = (path: string) =>
    vi.waitUntil(async () => (await bills()).find((bill) => bill.path === path), { timeout: 10_000, interval: 100 });

  test("answers as its origin does, logs a line, and has a bill in its ledger", async () => {
    const { status, headers, readAll } = await ask("/whole?page=2");
    expect([status, headers["x-origin"], (await readAll()).toString()]).toEqual([200, "yes", "GET /whole?page=2"]);
    expect(await logged(worker, "/whole")).toEqual([
      expect.stringMatching(/^GET \/whole 200 completed, 17 bytes in \d+ ms$/),
    ]);
    expect(await billOf("/whole")).toEqual({ id: expect.any(String), path: "/whole", bytes: 17, whole: true });
  });

  test("bills a client that leaves while the origin is silent for what went out", async () => {
    const exchange = await ask("/silent");
    await exchange.readAtLeast(2_000);
    exchange.socket.resetAndDestroy();
    expect(await logged(worker, "/silent")).toEqual([
      expect.stringMatching(/^GET \/silent 200 canceled, 2000 bytes in \d+ ms$/),
    ]);
    expect(await billOf("/silent")).toEqual({ id: expect.any(String), path: "/silent", bytes: 2_000, whole: false });
  });

  test("logs an error of the origin and an origin that is down, and bills neither", async () => {
    for (const [path, status, body] of [
      ["/missing", 404, "nothing"],
      ["/down", 502, "The origin does not answer\n"],
    ] as const) {
      const exchange = await ask(path);
      expect([exchange.status, (await exchange.readAll()).toString()]).toEqual([status, body]);
      expect(await logged(worker, path)).toEqual([
        expect.stringMatching(new RegExp(`^GET ${path} ${status} completed, ${body.length} bytes in \\d+ ms$`)),
      ]);
    }
    // Sent after theirs would have been.
    await (await ask("/next")).readAll();
    await billOf("/next");
    expect((await bills()).map(({ path }) => path).filter((path) => ["/missing", "/down"].includes(path))).toEqual([]);
  });

  test("asks nobody but its origin, whatever the path", async () => {
    const { status, readAll } = await ask("//elsewhere.example/path");
    expect([status, (await readAll()).toString()]).toEqual([200, "GET //elsewhere.example/path"]);
  });
});

describe("examples/cloudflare-hono", () => {
  let worker: RunningWorker;
  beforeAll(async () => {
    worker = await startByWrangler(new URL("../examples/cloudflare-hono/", import.meta.url), {});
  });
  afterAll(() => worker.close());

  const ask = (path: string) => send(new URL(`http://127.0.0.1:${worker.port}${path}`));
  const receiptOf = (id: unknown) =>
    vi.waitUntil(async () => (await entriesOf(worker, "RECEIPTS"))[id as string], { timeout: 10_000, interval: 100 });

  test("answers with an export, logs a line, and writes a receipt", async () => {
    const { status, headers, readAll } = await ask("/export/3");
    expect([status, (await readAll()).toString()]).toEqual([200, "row 1\nrow 2\nrow 3\n"]);
    expect(await receiptOf(headers["x-export-id"])).toEqual({ rows: 3, type: "completed", bytes: 18 });
    expect(await logged(worker, "/export/3")).toEqual(["GET /export/3 200 completed, 18 bytes"]);
  });

  test("writes in the receipt that the client left while the database was slow", async () => {
    const exchange = await ask("/export/100");
    const read = await exchange.readAtLeast(10);
    exchange.socket.resetAndDestroy();
    const receipt = (await receiptOf(exchange.headers["x-export-id"])) as { bytes: number };
    expect(receipt).toEqual({ rows: 100, type: "canceled", bytes: expect.any(Number) });
    expect(receipt.bytes).toBeGreaterThanOrEqual(read);
    expect(await logged(worker, "/export/100")).toEqual([`GET /export/100 200 canceled, ${receipt.bytes} bytes`]);
  });

  test("logs a line for what it does not have", async () => {
    const { status, readAll } = await ask("/nowhere");
    expect([status, (await readAll()).toString()]).toEqual([404, "404 Not Found"]);
    expect(await logged(worker, "/nowhere")).toEqual(["GET /nowhere 404 completed, 13 bytes"]);
  });
});

const node = (script: string) => [process.execPath, script];
const denoRun = [installed("deno"), "run", "--allow-net", "--allow-env", "--allow-read", "server.ts"];

describe("examples/cloudflare-html", () => {
  let worker: RunningWorker;
  beforeAll(async () => {
    worker = await startByWrangler(new URL("../examples/cloudflare-html/", import.meta.url), {});
  });
  afterAll(() => worker.close());

  const ask = (path: string) => send(new URL(`http://127.0.0.1:${worker.port}${path}`));

  test("edits the links of a page, and the callback of the page runs", async () => {
    const { status, readAll } = await ask("/page");
    expect([status, (await readAll()).toString()]).toEqual([
      200,
      '<!doctype html><p>To <a href="/home">the start</a> and <a href="https://example.com/" rel="nofollow">away</a>.</p>',
    ]);
    expect(await logged(worker, "/page")).toEqual(["done /page completed"]);
  });

  test("compresses an export", async () => {
    const { headers, readAll } = await ask("/export");
    const compressed = await readAll();
    expect([headers["content-type"], headers["content-encoding"]]).toEqual(["application/gzip", undefined]);
    const lines = gunzipSync(compressed).toString().trimEnd().split("\n");
    expect([lines.length, lines.at(-1)]).toEqual([10_000, '{"row":10000}']);
    expect(await logged(worker, "/export")).toEqual(["done /export completed"]);
  });

  test("logs each answer in the common format", async () => {
    await (await ask("/logged")).readAll();
    await vi.waitUntil(() => /"GET \/logged HTTP\/1.1" 200 \d+/.test(worker.complaints()), { timeout: 10_000 });
  });
});

describe.each<[folder: string, command: string[], observed: { text: string; stream: string }]>([
  ["node", node("server.ts"), { text: "flushed", stream: "flushed" }],
  ["srvx", node("server.ts"), { text: "flushed", stream: "flushed" }],
  ["express", node("server.js"), { text: "flushed", stream: "flushed" }],
  ["fastify", node("server.ts"), { text: "flushed", stream: "flushed" }],
  ["bun", [installed("bun"), "server.ts"], { text: "handed-over", stream: "pulled" }],
  ["deno", denoRun, { text: "handed-over", stream: "pulled" }],
])("examples/%s", (folder, command, observed) => {
  const cwd = new URL(`../examples/${folder}/`, import.meta.url);
  let server: RunningProcess;
  let origin: string;
  beforeAll(async () => {
    // srvx prints nothing where there is TEST, which Vitest sets.
    server = startProcess(command, { PORT: "0", TEST: "" }, cwd);
    const [, port] = await server.line(/http:\/\/localhost:(\d+)/);
    origin = `http://localhost:${port}`;
  });
  afterAll(() => server.close());

  const ask = (path: string) => send(new URL(origin + path));
  const lines = (path: string) => server.printed.filter((line) => line.split(" ")[1] === path);
  const logged = async (path: string) => {
    await vi.waitUntil(() => lines(path).length > 0, { timeout: 10_000 });
    return lines(path);
  };

  test("answers with a text, and logs a line", async () => {
    const { status, readAll } = await ask("/");
    expect([status, (await readAll()).toString()]).toEqual([200, "Hello\n"]);
    const line = `^GET / 200 completed, 6 bytes in \\d+ ms, ${observed.text}$`;
    expect(await logged("/")).toEqual([expect.stringMatching(line)]);
  });

  test("answers with a file, and logs a line", async () => {
    const file = readFileSync(new URL("README.md", cwd));
    const { headers, readAll } = await ask("/download");
    expect([headers["content-disposition"], headers["content-type"]]).toEqual(["attachment", "text/markdown"]);
    expect(await readAll()).toEqual(file);
    const line = `^GET /download 200 completed, ${file.byteLength} bytes in \\d+ ms, [a-z-]+$`;
    expect(await logged("/download")).toEqual([expect.stringMatching(line)]);
  });

  test("logs a line for what it does not have", async () => {
    const { status, readAll } = await ask("/nowhere");
    expect([status, (await readAll()).toString()]).toEqual([404, "Not found\n"]);
    const line = `^GET /nowhere 404 completed, 10 bytes in \\d+ ms, ${observed.text}$`;
    expect(await logged("/nowhere")).toEqual([expect.stringMatching(line)]);
  });

  test("logs that the client left, and at SIGTERM lets a stream end, logs it too, and exits with 0", async () => {
    const leaving = await ask("/stream");
    await leaving.readAtLeast(7);
    leaving.socket.resetAndDestroy();
    const canceled = `^GET /stream 200 canceled, \\d+ bytes in \\d+ ms, ${observed.stream}$`;
    expect(await logged("/stream")).toEqual([expect.stringMatching(canceled)]);

    const staying = await ask("/stream");
    const begun = await staying.readAtLeast(7);
    server.terminate();
    const rest = (await staying.readAll()).toString();
    expect([begun + rest.length, rest.endsWith("\nline 20\n")]).toEqual([151, true]);
    expect(await server.exit).toEqual([0, null]);
    const completed = `^GET /stream 200 completed, 151 bytes in \\d+ ms, ${observed.stream}$`;
    expect(lines("/stream")).toEqual([expect.stringMatching(canceled), expect.stringMatching(completed)]);
    expect(server.complaints()).toBe("");
  });
});
