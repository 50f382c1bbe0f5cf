// The programs of docs/recipes.md, as they stand there, on Node and by real sockets, with the package as it is built.
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Exchange, send } from "./client.ts";
import { type Consumer, createConsumer } from "./consumer.ts";
import { recipe } from "./recipes/recipe.ts";
import { run } from "./run.ts";
import { installed, type RunningProcess, startProcess } from "./servers/shutdown/process.ts";

let consumer: Consumer;
let server: RunningProcess | undefined;
beforeAll(async () => {
  consumer = await createConsumer(["@hono/node-server", "hono", "vitest"]);
  copyFileSync(join(import.meta.dirname, "recipes/serve.ts"), join(consumer.folder, "serve.ts"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => consumer?.remove());

/** Starts a recipe, under a server where it does not bring one. */
async function start(
  heading: string,
  env: Record<string, string> = {},
  change = (program: string) => program,
): Promise<URL> {
  const program = consumer.write("program.ts", change(recipe(heading)));
  const served = recipe(heading).includes("export default") ? [join(consumer.folder, "serve.ts"), program] : [program];
  const cwd = pathToFileURL(`${consumer.folder}/`);
  server = startProcess([process.execPath, "--disable-warning=ExperimentalWarning", ...served], env, cwd);
  const [, port] = await server.line(/^port (\d+)$/);
  return new URL(`http://127.0.0.1:${port}/`);
}

/** What the program printed beside its port. */
const printed = () => server?.printed.filter((line) => !/^(pid|port) \d+$/.test(line)) ?? [];

const waitFor = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 15_000, interval: 20 });

describe("Long answers of a language model", () => {
  const heading = "Long answers of a language model";
  const words = (count: number) => Array.from({ length: count }, (_, i) => `word ${i + 1} `).join("");
  let model: Server;
  /** How each of its answers ended. */
  let ends: ("whole" | "cut")[];
  let url: URL;
  beforeAll(async () => {
    model = createServer(async ({ url }, response) => {
      response.on("close", () => ends.push(response.writableFinished ? "whole" : "cut"));
      const length = { "/endless": Number.POSITIVE_INFINITY, "/fails": 1 }[url ?? ""] ?? 10;
      for (let word = 1; word <= length && !response.destroyed; word++) {
        response.write(`data: {"choices":[{"delta":{"content":"word ${word} "}}],"usage":null}\n\n`);
        await pause(50);
      }
      if (url === "/fails") {
        response.end('data: {"error":{"message":"overloaded"}}\n\ndata: [DONE]\n\n');
        return;
      }
      // In two pieces.
      response.write('data: {"choices":[],"usa');
      await pause(50);
      response.end('ge":{"total_tokens":42}}\n\ndata: [DONE]\n\n');
    }).listen(0, "127.0.0.1");
    await once(model, "listening");
    const { port } = model.address() as { port: number };
    url = new URL(`http://127.0.0.1:${port}`);
  });
  beforeEach(() => {
    ends = [];
  });
  afterAll(() => {
    model.closeAllConnections();
    model.close();
  });

  const ask = async (path: string, answer: string, change?: (program: string) => string) =>
    send(new URL(path, await start(heading, { MODEL: `${new URL(answer, url)}` }, change)));

  async function leave(exchange: Exchange): Promise<void> {
    await exchange.readAtLeast(50);
    exchange.socket.resetAndDestroy();
    await waitFor(() => printed().length > 0 && ends.length > 0);
  }

  test.each(["/", "/captured"])("a client that stays has the answer, and is billed: %s", async (path) => {
    const { readAll } = await ask(path, "/");
    expect((await readAll()).toString()).toMatch(/^data: .*word 1 ".*data: \[DONE\]\n\n$/s);
    await waitFor(() => printed().length > 0);
    expect(printed()).toEqual([`completed: store "${words(10)}", bill 42`]);
  });

  test("a client that leaves is billed for the whole answer", async () => {
    await leave(await ask("/", "/"));
    expect([printed(), ends]).toEqual([[`canceled: store "${words(10)}", bill 42`], ["whole"]]);
  });

  test("a client that leaves is billed for what it got, and the model is stopped", async () => {
    await leave(await ask("/captured", "/endless"));
    const [line = ""] = printed();
    const count = line.match(/word/g)?.length ?? 0;
    expect(count).toBeGreaterThan(0);
    expect([printed(), ends]).toEqual([[`canceled: store "${words(count)}", bill an estimate`], ["cut"]]);
  });

  test("the first trap: with the signal of the request the model is stopped, and no usage arrives", async () => {
    const change = (program: string) => program.replace('method: "POST",', "$& signal: request.signal,");
    await leave(await ask("/", "/endless", change));
    expect([printed(), ends]).toEqual([[expect.stringMatching(/bill an estimate$/)], ["cut"]]);
  });

  test("the second trap: a model that fails completes, and its event says so", async () => {
    await (await ask("/", "/fails")).readAll();
    await waitFor(() => printed().length > 0 && server?.complaints());
    expect(printed()).toEqual([`completed: store "${words(1)}", bill an estimate`]);
    expect(server?.complaints()).toBe("the model failed: overloaded\n");
  });
});

describe("Deleting a temporary file after its download", () => {
  let folder: string;
  let url: URL;
  const files = () => readdirSync(folder, { recursive: true });
  const begin = async (name: string) => {
    folder = join(consumer.folder, name);
    mkdirSync(folder);
    url = await start("Deleting a temporary file after its download", { TMPDIR: folder });
  };

  test("a client that stays has all of it, and the file is gone", async () => {
    await begin("stays");
    const exchange = await send(url);
    await exchange.readAtLeast(1);
    expect(files().filter((file) => String(file).endsWith("export.csv"))).toHaveLength(1);
    await exchange.readAll();
    await waitFor(() => files().length === 0);
  });

  test("a client leaves, and the file is gone", async () => {
    await begin("leaves");
    const exchange = await send(url);
    await exchange.readAtLeast(1);
    expect(files().filter((file) => String(file).endsWith("export.csv"))).toHaveLength(1);
    exchange.socket.resetAndDestroy();
    await waitFor(() => files().length === 0);
  });
});

/** Writes a database with so many orders. */
function writeOrders(name: string, rows: number): string {
  const file = join(consumer.folder, name);
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE orders (id INTEGER, name TEXT)");
  database.exec(`WITH RECURSIVE count(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count LIMIT ${rows})
    INSERT INTO orders SELECT id, 'order ' || id FROM count`);
  database.close();
  return file;
}

describe("Closing a database handle", () => {
  const ROWS = 200_000;
  let file: string;
  beforeAll(() => {
    file = writeOrders("orders.db", ROWS);
  });

  /** How often the program has the file open. */
  async function handles(): Promise<number> {
    const [, pid] = (await server?.line(/^pid (\d+)$/)) ?? [];
    const folder = `/proc/${pid}/fd`;
    const opened = readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(join(folder, fd));
      } catch {
        // Closed meanwhile.
        return "";
      }
    });
    return opened.filter((target) => target === file).length;
  }

  const onLinux = test.runIf(process.platform === "linux");

  onLinux("the file is open while a client reads, and not after", async () => {
    const exchange = await send(await start("Closing a database handle", { DATABASE: file }));
    await exchange.readAtLeast(1_000);
    expect(await handles()).toBe(1);
    const rest = (await exchange.readAll()).toString();
    expect(rest.endsWith(`{"id":${ROWS},"name":"order ${ROWS}"}\n`)).toBe(true);
    await waitFor(async () => (await handles()) === 0);
    expect(server?.complaints()).toBe("");
  });

  onLinux("nor after a client that left", async () => {
    const exchange = await send(await start("Closing a database handle", { DATABASE: file }));
    await exchange.readAtLeast(1_000);
    expect(await handles()).toBe(1);
    exchange.socket.resetAndDestroy();
    await waitFor(async () => (await handles()) === 0);
    expect(server?.complaints()).toBe("");
  });
});

describe("the programs with a default export run as they are", () => {
  // Each has a way of its own to say its port.
  test.each([
    { runtime: "Bun", command: [installed("bun")], listening: /^Started .*server: .*:(\d+)/m },
    { runtime: "Deno", command: [installed("deno"), "serve", "-A", "--port=0"], listening: /Listening on .*:(\d+)/ },
  ])("on $runtime", async ({ runtime, command, listening }) => {
    const DATABASE = writeOrders(`${runtime}.db`, 2);
    for (const [heading, end] of [
      ["Deleting a temporary file after its download", "id;name\n"],
      ["Closing a database handle", '{"id":2,"name":"order 2"}\n'],
      ["An access log", "Hello\n"],
    ] as const) {
      const program = consumer.write("program.ts", recipe(heading));
      const env = { PORT: "0", NO_COLOR: "1", DATABASE };
      const started = startProcess([...command, program], env, pathToFileURL(`${consumer.folder}/`));
      server = started;
      await waitFor(() => listening.test(started.printed.join("\n") + started.complaints()));
      const [, port] = listening.exec(started.printed.join("\n") + started.complaints()) ?? [];
      const { readAll } = await send(new URL(`http://127.0.0.1:${port}/`));
      expect((await readAll()).toString().endsWith(end)).toBe(true);
      await started.close();
    }
  });
});

test("An access log", async () => {
  const url = await start("An access log");
  const entries = () => printed().map((line) => JSON.parse(line));
  await (await send(url)).readAll();
  await waitFor(() => entries().length === 1);
  const exchange = await send(new URL("/slow?token=secret", url));
  await exchange.readAtLeast(14);
  exchange.socket.resetAndDestroy();
  await waitFor(() => entries().length === 2);
  expect(entries()).toMatchObject([
    { method: "GET", path: "/", status: 200, bytes: 6, type: "completed" },
    { method: "GET", path: "/slow?token=[redacted]", status: 200, type: "canceled" },
  ]);
});

/** Whether a port takes no connection; sends nothing over one that it takes. */
async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const refused = await once(socket, "connect").then(
    () => false,
    ({ code }) => code === "ECONNREFUSED",
  );
  socket.destroy();
  return refused;
}

test("Stopping at SIGTERM: an open stream is whole, its callback is waited for, and nobody else gets in", async () => {
  const url = await start("Stopping at SIGTERM", { PORT: "0" });
  const exchange = await send(url);
  await exchange.readAtLeast(7);
  server?.terminate();
  await waitFor(() => refuses(Number(url.port)));
  expect((await exchange.readAll()).toString().endsWith("line 10\n")).toBe(true);
  expect(await server?.exit).toEqual([0, null]);
  expect(printed()).toEqual(["completed, 71 bytes"]);
});

test("Testing with Vitest", async () => {
  consumer.write("download.test.ts", recipe("Testing with Vitest"));
  const ran = await run(process.execPath, ["node_modules/vitest/vitest.mjs", "run"], consumer.folder);
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/Tests +1 passed \(1\)/) });
});
