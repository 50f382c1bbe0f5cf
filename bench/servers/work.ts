import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { fetchOnce } from "../../test/client.ts";
import { load } from "../pairs/load.ts";
import type { Work } from "../pairs/slot.ts";
import { passes } from "../passes.ts";
import type { RunningServer } from "../process.ts";
import { areXs } from "../xs.ts";
import { TEXT, type Told, type Way } from "./serve/answers.ts";

const CONNECTIONS = 16;
/** As many tiny pieces as `serve/answers.ts` sends. */
const PIECES = "x".repeat(13_000);

/** Asks for a string of 13 bytes. */
export function strings(requests: number): (way: Way) => Work {
  return texts(requests, TEXT);
}

/** Asks for a stream of 1,000 pieces of 13 bytes. */
export function pieces(requests: number): (way: Way) => Work {
  return texts(requests, PIECES);
}

function texts(requests: number, body: string): (way: Way) => Work {
  return (way) => ({
    requests,
    ask: ({ port }, count) => load({ port, path: "/", requests: count, connections: CONNECTIONS, body }),
    check: (server, count) => assertTold(server, way, count, body.length),
  });
}

/** Asks for one long stream of so many bytes, each an x, on a connection of its own. */
export function stream(bytes: number): (way: Way) => Work {
  return (way) => ({
    requests: 1,
    ask: ({ port }) => read(port, bytes),
    check: (server, count) => assertTold(server, way, count, bytes),
  });
}

async function read(port: number, bytes: number): Promise<void> {
  const [message] = await once(get({ port, host: "127.0.0.1", agent: false }), "response");
  assert.equal(message.statusCode, 200);
  let count = 0;
  let wrong = 0;
  message.on("data", (data: Buffer) => {
    count += data.byteLength;
    if (!areXs(data)) wrong++;
  });
  await once(message, "end");
  assert.deepEqual({ bytes: count, wrong }, { bytes, wrong: 0 });
}

/** Each answer had its callback, and no more than one; those of plain responses had none. */
async function assertTold({ control }: RunningServer, way: Way, count: number, bytes: number): Promise<void> {
  const completed = way.startsWith("plain") ? 0 : count;
  const expected: Told = { completed, canceled: 0, errored: 0, bytes: completed * bytes };
  await passes(async () => {
    const told = await (await fetchOnce(`http://127.0.0.1:${control}/told`)).json();
    assert.deepEqual(told, expected, `the callbacks of ${way}`);
  });
}
