import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { fetchOnce } from "../../test/client.ts";
import { Cells, table } from "../pairs/cell.ts";
import type { Interval } from "../pairs/interval.ts";
import { measurePair, type Plan, type Side } from "../pairs/pair.ts";
import { passes } from "../passes.ts";
import type { RunningServer } from "../process.ts";
import type { Way } from "../servers/serve/answers.ts";
import type { Memory } from "../servers/serve/memory.ts";
import { type Server, servers } from "../servers/server.ts";

/** Processes of their own each time: what they got from the operating system stays with them. To 50 B. */
const PLAN: Plan = { warm: 0, pairs: 1, starts: [4, 8], narrow: ({ low, high }) => high - low <= 100 };
const SHORT: Plan = { ...PLAN, starts: [1, 1] };

/** In kB. */
const TARGETS: Readonly<Record<string, number>> = { bun: 2.5 };
const TARGET = 3.5;

/** The table of memory per open stream. */
export async function heldTable(short: boolean): Promise<string> {
  const [plan, few, many] = short ? [SHORT, 20, 50] : [PLAN, 1_000, 10_000];
  const columns: readonly (readonly [text: string, way: Way, count: number])[] = [
    ["plain above plain", "plain", many],
    ["adapter", "adapter", few],
    ["adapter", "adapter", many],
  ];
  const cells = new Cells("streams");
  const rows: string[][] = [];
  // workerd has no way to collect garbage.
  for (const server of servers.filter(({ name }) => name !== "workerd")) {
    const row = [server.text];
    for (const [, way, count] of columns) {
      const start = (way: Way) => () => startHolding(server, way, count);
      const interval = await cells.measure(
        `${count} open, ${server.name}, ${way}`,
        () => measurePair([start("plain"), start(way)], plan, (a, b) => b - a),
        kilobytes,
      );
      const target = TARGETS[server.name] ?? TARGET;
      row.push(way === "plain" ? kilobytes(interval) : withTarget(interval, target));
    }
    rows.push(row);
  }
  return table(["", ...columns.map(([text, , count]) => `${text}, ${count.toLocaleString("en")} open`)], rows);
}

/** A server whose slots cost memory: bytes of one open response. */
async function startHolding(server: Server, way: Way, count: number): Promise<Side> {
  const running = await server.start("held", way);
  let left = 0;
  const leave = async (sockets: Socket[]) => {
    for (const socket of sockets) socket.destroy();
    left += sockets.length;
    await assertCanceled(running, way, left);
  };
  return {
    async slot() {
      // What is only needed once is there.
      await leave(await hold(running.port, Math.ceil(count / 10)));
      const before = await memoryOf(running);
      const sockets = await hold(running.port, count);
      const after = await memoryOf(running);
      await leave(sockets);
      return { cost: (after - before) / count, waited: 0 };
    },
    check: () => assertCanceled(running, way, left),
    close: () => running.close(),
  };
}

/** Opens responses whose body stays open after one byte. */
async function hold(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    // No more at once than a server has room for before it accepts them.
    const some = Math.min(100, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => holdOne(port)))));
  }
  return sockets;
}

async function holdOne(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  let text = "";
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    text += data;
    if (text.endsWith("\r\n\r\n1\r\nx\r\n")) break;
  }
  assert.match(text, /^HTTP\/1\.1 200 [\s\S]*x\r\n$/);
  return socket;
}

/** Each of ours that its client left was canceled, once. */
function assertCanceled({ control }: RunningServer, way: Way, count: number): Promise<void> {
  return passes(async () => {
    const told = await (await fetchOnce(`http://127.0.0.1:${control}/told`)).json();
    const canceled = way === "plain" ? 0 : count;
    assert.deepEqual(told, { completed: 0, canceled, errored: 0, bytes: canceled });
  });
}

async function memoryOf({ control }: RunningServer): Promise<number> {
  const memory: Memory = await (await fetchOnce(`http://127.0.0.1:${control}/memory`)).json();
  return memory.heap;
}

function kilobytes({ median, low, high }: Interval): string {
  const [middle, ...ends] = [median, low, high].map((bytes) => (bytes / 1e3).toFixed(2));
  return `${middle} [${ends.join("–")}]`;
}

function withTarget(interval: Interval, target: number): string {
  return interval.high > target * 1e3 ? `**${kilobytes(interval)}** > ${target}` : `${kilobytes(interval)} ≤ ${target}`;
}
