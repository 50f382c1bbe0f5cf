// What a ResponseThen costs a server: CPU time by that of the plain Response, in one alternating run; and memory.
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import { RATIO_HEAD, SPEED_HEAD } from "./ratio.ts";
import type { BenchOptions } from "./run.ts";
import { Client } from "./servers/client.ts";
import { AFTER_HEAD, HELD_HEAD, measureAfter, measureHeld } from "./servers/holding.ts";
import { servers, withServer } from "./servers/server.ts";
import { measureStreams, measureStrings } from "./servers/speed.ts";
import { machine, versions } from "./versions.ts";

const FULL = {
  string: { requests: 2_500, rounds: 31 },
  stream: { megabytes: 200, requests: 1, rounds: 61 },
  held: { count: 2_000, rounds: 3 },
  answered: 200_000,
};

const SHORT: typeof FULL = {
  string: { requests: 1_000, rounds: 1 },
  stream: { megabytes: 4, requests: 1, rounds: 1 },
  held: { count: 20, rounds: 1 },
  answered: 10_000,
};

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const { string, stream, held, answered } = short ? SHORT : FULL;
  const rows = { string: [] as string[], stream: [] as string[], held: [] as string[], after: [] as string[] };
  let unit = "";
  for (const server of servers) {
    await withServer(server, async (running) => {
      unit = running.clock.unit;
      const client = new Client(running.port);
      rows.string.push(...(await measureStrings({ server, running, client, ...string })));
      rows.stream.push(...(await measureStreams({ server, running, client, ...stream }, stream.megabytes)));
      rows.after.push(await measureAfter(server, client, answered));
    });
    rows.held.push(await measureHeld(server, held.count, held.rounds));
  }
  if (unit === "wall time") console.log("There is no /proc here: wall time is measured, not CPU time.");
  const page = [
    `${versions(["@hono/node-server", "srvx", "bun", "deno"])}, load by autocannon, ${machine}. ` +
      `${unit} of the server's process by that of the plain \`Response\`, median of the rounds of one alternating run; indicative.`,
    "",
    "A string of 12 bytes, 20 connections that are kept alive. What has an async handler is compared with a plain one that has too.",
    "",
    SPEED_HEAD,
    ...rows.string,
    "",
    `A stream of ${stream.megabytes} MB in pieces of 64 KiB, one connection.`,
    "",
    RATIO_HEAD,
    ...rows.stream,
    "",
    `Memory of one open response, after a garbage collection, with ${held.count} of them open.`,
    "",
    HELD_HEAD,
    ...rows.held,
    "",
    `The heap after a garbage collection, before and after ${answered} small responses under the adapter.`,
    "",
    AFTER_HEAD,
    ...rows.after,
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("servers", page);
}
