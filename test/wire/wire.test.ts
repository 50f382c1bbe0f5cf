// What is sent of plain responses, byte for byte, while a callback, a listener, a log or Hono's middleware looks at them:
// the same as by a server without us. (Issue 14, item 4.)
import { once } from "node:events";
import { createServer, type Server as Upstream } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Running } from "../hosts/host.ts";
import { withFixedBoundary } from "../servers/wire/differences-of.ts";
import { type Answer, exchange } from "../servers/wire/raw-client.ts";
import type { Asking } from "../servers/wire/requests.ts";
import { cases } from "./cases.ts";
import type { Mode } from "./ours.ts";
import { type Server, servers } from "./servers.ts";

/** One request: its answer is compared. */
interface Cell {
  readonly method: "GET" | "HEAD";
  readonly name: string;
  readonly when: "now" | "later";
}

const FILES = ["file", "range of a file", "missing file"];
const cells: readonly Cell[] = [...new Set([...Object.keys(cases), ...FILES])].flatMap((name) =>
  (["GET", "HEAD"] as const).flatMap((method) => [
    { method, name, when: "now" },
    { method, name, when: "later" } as const,
  ]),
);
/** Where the body is watched it ends the process on Node 24 (ERR_INVALID_STATE): asked last. */
const isDeadly = ({ method, name }: Cell) => method === "HEAD" && name === "form";

let upstream: Upstream;
beforeAll(async () => {
  upstream = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync("what is worth compressing ".repeat(100)));
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
});
afterAll(() => upstream?.close());

describe.each(servers)("$name", (server) => {
  let without: Running;
  let ours: Running;
  /** How often each path was answered. */
  const answered: Record<string, number> = {};
  beforeAll(async () => {
    // One after the other: the binary of workerd is said by a variable of the environment.
    without = await server.start("without");
    ours = await server.start("ours");
  });
  afterAll(() => Promise.all([without?.close(), ours?.close()]));

  async function compare(mode: Mode, wanted: readonly Cell[]): Promise<void> {
    const possible = wanted.filter((cell) => isPossible(server, mode, cell));
    const differences = await each(possible, async (cell) => {
      const path = `/${mode}/${cell.name}/${cell.when}`;
      const plain = await answersOf(without.port, path, cell);
      const sent = await answersOf(ours.port, path, cell);
      answered[path] = (answered[path] ?? 0) + sent.length;
      if (`${plain}` === `${sent}`) return [];
      return [
        `${server.name}, ${mode}: ${cell.method} ${cell.name}, ${cell.when}\nwithout us:\n${shown(plain)}\nwith us:\n${shown(sent)}`,
      ];
    });
    if (differences.length > 0)
      throw new Error(`${differences.length} of ${possible.length}\n\n${differences.join("\n\n")}`);
  }

  const usual = cells.filter((cell) => !isDeadly(cell));
  const modes = ["callback", "logger", "hono"] as const;
  test.each(modes)("%s: every byte is as without us", (mode) => compare(mode, usual));

  test("listener: every byte is as without us", async () => {
    await fetch(`http://127.0.0.1:${ours.port}/control/listen`);
    await compare("listener", usual);
  });

  test("each answer was told once", async () => {
    // Of a missing file the server has an answer of its own, and Bun none.
    const expected = Object.fromEntries(Object.entries(answered).filter(([path]) => !path.includes("missing")));
    const told = async () => {
      const all = await (await fetch(`http://127.0.0.1:${ours.port}/control/told`)).json();
      return Object.fromEntries(Object.keys(expected).map((path) => [path, all[path]]));
    };
    await vi
      .waitUntil(async () => sum(await told()) >= sum(expected), { timeout: 3_000, interval: 50 })
      .catch(() => {});
    expect(differing(await told(), expected)).toEqual([]);
  });

  test.each([...modes, "listener"] as const)("%s: no request ends the process", async (mode) => {
    // Each mode for itself: one that ended it must not fail the others.
    const alive = await fetch(`http://127.0.0.1:${ours.port}/next`).catch(() => undefined);
    if (!alive) ours = await server.start("ours");
    if (mode === "listener") await fetch(`http://127.0.0.1:${ours.port}/control/listen`);
    await compare(mode, cells.filter(isDeadly));
    const next = await fetch(`http://127.0.0.1:${ours.port}/next`);
    expect(await next.text()).toBe("the next answer");
  });

  test.runIf(server.name === "Bun")("a request that becomes a WebSocket is no error in the log", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${ours.port}/socket`);
    await once(socket, "open");
    socket.send("Hello");
    const [{ data }] = await once(socket, "message");
    expect(data).toBe("Hello");
    socket.close();
    await once(socket, "close");
    const refused = await fetch(`http://127.0.0.1:${ours.port}/socket`);
    expect([refused.status, await refused.text()]).toEqual([426, "Upgrade required"]);
    const lines = async () => (await (await fetch(`http://127.0.0.1:${ours.port}/lines`)).json()) as string[];
    await vi.waitUntil(async () => (await lines()).some((line) => line.includes("426")), { timeout: 3_000 });
    expect((await lines()).filter((line) => /500|errored/.test(line))).toEqual([]);
    expect(ours.complaints()).not.toContain("TypeError");
  });
});

/** Whether the server can answer it at all, without us. */
function isPossible({ name: server }: Server, mode: Mode, cell: Cell): boolean {
  const { name, method } = cell;
  if (FILES.includes(name)) return server.includes("Bun");
  // Elsewhere what was decoded is sent as if it were not, and the plain answer is none.
  if (name === "gzip") return /Deno|workerd/.test(server);
  // The plain answer, too, ends the process.
  if (server === "srvx on Node") return !isDeadly(cell);
  // Of a plain Hono app it answers 500.
  return !(server === "node-server 1.19" && mode === "hono" && method === "HEAD");
}

/** What came, as text; both answers of one connection. */
async function answersOf(port: number, path: string, { method, name }: Cell): Promise<string[]> {
  const asking: Asking = {
    name,
    method,
    version: "HTTP/1.1",
    headers: name === "range of a file" ? ["Range: bytes=2-9"] : [],
    body: "",
    keepsAlive: true,
    cases: [],
  };
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  try {
    const { answers } = await exchange(port, name === "gzip" ? `${path}?upstream=${upstreamPort}` : path, asking);
    return answers.map(inWords);
  } catch (error) {
    return [`no answer: ${(error as Error).cause}`];
  }
}

/** Both answers, or that they are alike. */
const shown = ([first, second]: readonly string[]) =>
  second === undefined || first === second ? `${first}` : `${first}and then:\n${second}`;

/** The head without the date, in alphabetical order, and the body. */
function inWords(answer: Answer): string {
  const { head, body, cut } = withFixedBoundary(answer);
  const [status, ...lines] = head;
  const sorted = lines.filter((line) => !/^date:/i.test(line)).sort();
  const text = body.toString("latin1");
  const shown = text.length > 200 ? `${text.length} bytes, ${hashOf(text)}` : JSON.stringify(text);
  return `  ${[status, ...sorted, shown, ...(cut ? ["(cut)"] : [])].join("\n  ")}\n`;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return hash;
}

/** A few at a time, and all of them. */
async function each<T, R>(list: readonly T[], work: (item: T) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  const rest = list.values();
  const worker = async () => {
    for (const item of rest) results.push(...(await work(item)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return results;
}

const sum = (counts: Record<string, number | undefined>) =>
  Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0);

function differing(found: Record<string, number | undefined>, expected: Record<string, number>): string[] {
  return Object.entries(expected)
    .filter(([path, count]) => found[path] !== count)
    .map(([path, count]) => `${path}: ${count} answers, told ${found[path] ?? 0} times`);
}
