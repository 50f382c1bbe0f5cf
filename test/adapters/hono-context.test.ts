// What a callback may read of Hono's context after the response: the table of docs/hono.md, from real servers.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Reading } from "../hosts/hono-app.ts";
import type { Host, Running } from "../hosts/host.ts";
import { processHost } from "../hosts/process.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

const hosts: Record<string, Host> = {
  Node: processHost("hono-node", process.execPath, []),
  Bun: processHost("hono-bun", "npx", ["--no-install", "bun"]),
  Deno: processHost("hono-deno", "npx", ["--no-install", "deno", "run", "-A", "--no-check"]),
  workerd: {
    name: "hono-workerd",
    start: () =>
      startWorker(new URL("../hosts/serve/hono-workerd.ts", import.meta.url), {
        binary: newestWorkerd,
        flags: ["enable_request_signal"],
      }),
  },
};

/** Of several readings the worst. */
const worst = (readings: Reading[]) => (["throws", "no", "yes"] as const).find((word) => readings.includes(word));

describe("a callback reads of c, after the response has ended,", () => {
  const running: Record<string, Running> = {};
  let requests = 0;

  beforeAll(async () => {
    for (const [name, host] of Object.entries(hosts)) running[name] = await host.start();
  });
  afterAll(() => Promise.all(Object.values(running).map((server) => server.close())));

  async function get(host: string, path: string): Promise<IncomingMessage> {
    const url = new URL(path, `http://127.0.0.1:${running[host]?.port}`);
    const outgoing = request(url, { agent: false, headers: { "x-sent": "yes" } });
    outgoing.on("error", () => {}).end();
    const [message] = (await once(outgoing, "response")) as [IncomingMessage];
    return message.on("error", () => {});
  }

  /** What one callback read: of a text, a stream that was read to its end, or one whose client left. */
  async function readingsOf(host: string, touched: string, kind: string): Promise<Record<string, Reading>> {
    const id = ++requests;
    const message = await get(host, `/reads/${touched}/Ada/${kind}?id=${id}&q=1`);
    if (kind === "endless") {
      await once(message, "readable");
      message.socket.resetAndDestroy();
    } else await message.toArray();
    const read = async () =>
      JSON.parse(String(Buffer.concat(await (await get(host, `/readings?id=${id}`)).toArray()))) as Promise<
        Record<string, Reading>
      >;
    return vi.waitUntil(read, { timeout: 15_000, interval: 20 });
  }

  /** A row per reading, a column per runtime. */
  async function tableOf(touched: string): Promise<Record<string, Record<string, Reading | undefined>>> {
    const table: Record<string, Record<string, Reading | undefined>> = {};
    for (const host of Object.keys(hosts)) {
      const kinds: Record<string, Reading>[] = [];
      for (const kind of ["string", "stream", "endless"]) kinds.push(await readingsOf(host, touched, kind));
      for (const name of Object.keys(kinds[0] ?? {})) {
        table[name] = { ...table[name], [host]: worst(kinds.map((readings) => readings[name] as Reading)) };
      }
    }
    return table;
  }

  test("what docs/hono.md says", async () => {
    const table = await tableOf("untouched");
    const lines = [
      `| | ${Object.keys(hosts).join(" | ")} |`,
      `|---|${"---|".repeat(Object.keys(hosts).length)}`,
      ...Object.entries(table).map(([name, cells]) => {
        const reads = name.split(", ").map((read) => `\`${read}\``);
        return `| ${reads.join(", ")} | ${Object.values(cells).join(" | ")} |`;
      }),
    ];
    const docs = readFileSync(new URL("../../docs/hono.md", import.meta.url), "utf8");
    const [, documented] = /<!-- reads -->\n(.*)\n<!-- \/reads -->/s.exec(docs) ?? [];
    expect(lines.join("\n")).toBe(documented);
  });

  test("everything, where the handler read any header", async () => {
    const words = Object.values(await tableOf("touched")).flatMap((cells) => Object.values(cells));
    expect(words.length).toBeGreaterThan(0);
    expect(new Set(words)).toEqual(new Set(["yes"]));
  });
});
