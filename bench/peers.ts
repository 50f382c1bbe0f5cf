// What each way to learn that a response has ended costs its server: CPU time by that of the plain answer. All of them are
// measured in one run, ours beside theirs.
import assert from "node:assert/strict";
import { fetchOnce } from "../test/client.ts";
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import { Cells, ratioText, table } from "./pairs/cell.ts";
import { load } from "./pairs/load.ts";
import { FULL, measurePair, type Plan, SHORT, type Side } from "./pairs/pair.ts";
import { startSide } from "./pairs/slot.ts";
import { passes } from "./passes.ts";
import { TEXT } from "./peers/serve/app.ts";
import { type PeerServer, peerServers } from "./peers/servers.ts";
import type { RunningServer } from "./process.ts";
import type { BenchOptions } from "./run.ts";
import type { Way } from "./servers/serve/answers.ts";
import { bun, deno, nodeServer, type Server, workerd } from "./servers/server.ts";
import { strings } from "./servers/work.ts";
import { machine, versions } from "./versions.ts";

/** One peer, and ours beside it; each is compared with a plain answer of the same server. */
interface Row {
  readonly text: string;
  readonly own: Sides;
  readonly peer: Sides;
  /** What the peer does not tell, as docs/alternatives.md has it and `npm run bench -- early` shows. */
  readonly silent: string;
}

type Sides = readonly [base: () => Promise<Side>, way: () => Promise<Side>];

const REASON = "a client that left from a source that failed: one reason stands for both; bytes, times";

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const rows = [...peerServers(short).flatMap((server) => rowsOf(server, short)), ...transforms(short)];
  const cells = new Cells("peers");
  const measured: string[][] = [];
  for (const row of rows) measured.push(await measureRow(row, cells, short ? SHORT : FULL));
  const page = [
    `${versions(["h3", "on-finished", "elysia", "next", "@hono/node-server", "bun", "deno", "workerd-newest"])}, ${machine}; ${cells.waited}.`,
    "",
    table(["", "plain by plain", "`ResponseThen`", "the other", "what the other does not tell"], measured),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("peers", page);
}

async function measureRow({ text, own, peer, silent }: Row, cells: Cells, plan: Plan): Promise<string[]> {
  const measure = async (what: string, sides: Sides) =>
    ratioText(await cells.measure(`${text}, ${what}`, () => measurePair(sides, plan)));
  const [plain] = peer;
  return [
    text,
    await measure("plain by plain", [plain, plain]),
    await measure("ResponseThen", own),
    await measure("the other", peer),
    silent,
  ];
}

/** The rows of the servers that have a way of their own. */
function rowsOf(server: PeerServer, short: boolean): Row[] {
  const { name, text } = server;
  // Next takes ten times as long for an answer as the others.
  const requests = short ? 50 : name === "next" ? 200 : 2_000;
  const side = (way: string) => () => startSide(() => server.start(way), workOf(way, requests));
  const [plain, own] = [side("plain"), side("wrapped")];
  if (name.startsWith("h3")) {
    return [{ text: `\`onDispose\` of ${text}`, own: [plain, own], peer: [plain, side("dispose")], silent: REASON }];
  }
  switch (name) {
    case "node-http":
      return [
        {
          // What it writes is compared with a plain answer that it writes, and a Response with a plain one.
          text: `\`on-finished\` on ${text}; ours by \`handOver\``,
          own: [side("plain-web"), side("handed")],
          peer: [plain, side("on-finished")],
          silent: "a client that left from a source that failed; one that closed its connection; bytes, times",
        },
      ];
    case "elysia":
      return [
        {
          text: "`onAfterResponse` of Elysia, on Bun",
          own: [plain, own],
          peer: [plain, side("after")],
          silent: "the end: it runs before a stream is read; how it ended, bytes, times",
        },
      ];
    case "next":
      return [
        {
          text: "`after` of Next, `next start`",
          own: [plain, own],
          peer: [plain, side("after")],
          silent: "how it ended, bytes, times",
        },
      ];
    default:
      return [];
  }
}

/** What people write themselves, on every runtime. */
function transforms(short: boolean): Row[] {
  return [nodeServer, bun, deno, workerd].map((server: Server) => {
    const requests = short ? 50 : server.requests;
    const side = (way: Way) => () => startSide(() => server.start("string", way), strings(requests)(way));
    return {
      text: `a \`TransformStream\` with \`flush\`, ${server.text}`,
      own: [side("plain"), side("adapter")],
      peer: [side("plain"), side("transform")],
      silent: "a client that left, a source that failed: it is not called",
    };
  });
}

/** Asks a server of `peers/serve` for a string, in one way. */
function workOf(way: string, requests: number) {
  const path = `/${way}/string`;
  return {
    requests,
    ask: ({ port }: RunningServer, count: number) => load({ port, path, requests: count, connections: 16, body: TEXT }),
    /** Each answer had its callback, and no more than one; the plain ones had none. */
    check: (server: RunningServer, count: number) =>
      passes(async () => {
        const counted = await (await fetchOnce(`http://127.0.0.1:${server.control}/counted`)).json();
        assert.equal(counted[path], way.startsWith("plain") ? undefined : count, `the callbacks of ${path}`);
      }),
  };
}
