// One kind of work in memory, without a server, again and again: so that what grows is not hidden by sockets. Arguments:
// the kind, and how many. Runs unchanged on Node, Bun and Deno.
import assert from "node:assert/strict";
import process from "node:process";
import * as adapter from "../../dist/adapters/srvx.js";
import { announceWith } from "../servers/serve/control.ts";

const { ResponseThen, withResponseThen } = adapter;
type Bytes = Uint8Array<ArrayBuffer>;

const [kind = "", amount = ""] = process.argv.slice(2);
const TEXT = "hello, world!";
const PIECE: Bytes = new Uint8Array(13);
const REQUEST = new Request("http://localhost/");
/** So many responses are made at once, and wait for the same macrotask. */
const AT_ONCE = 10;

let ran = 0;
const callback = () => void ran++;

/** A response whose first piece was read, and what ends it. */
type Open = () => Promise<void>;

async function open(make: (body: ReadableStream<Bytes>) => Response): Promise<Open> {
  let close = () => {};
  const source = new ReadableStream<Bytes>({
    start(controller) {
      close = () => controller.close();
      controller.enqueue(PIECE);
    },
  });
  const response = make(source);
  const reader = (response.body as ReadableStream<Bytes>).getReader();
  assert.equal((await reader.read()).value?.byteLength, PIECE.byteLength);
  return async () => {
    close();
    assert.equal((await reader.read()).done, true);
    await (response as Partial<InstanceType<typeof ResponseThen>>).finished;
  };
}

/** A few that are opened, and as many that are ended, the oldest ones, while so many are in flight. */
function inFlight(count: number, make: (body: ReadableStream<Bytes>) => Response): () => Promise<void> {
  const ring: Open[] = [];
  let oldest = 0;
  return async () => {
    while (ring.length < count) ring.push(await open(make));
    const ends: Open[] = [];
    for (let i = 0; i < AT_ONCE; i++) {
      ends.push(ring[oldest] as Open);
      ring[oldest] = await open(make);
      oldest = (oldest + 1) % count;
    }
    await Promise.all(ends.map((end) => end()));
  };
}

/** Responses with so many callbacks each. */
async function callbacks(count: number): Promise<void> {
  const each = async () => {
    const response = new ResponseThen(
      TEXT,
      Array.from({ length: count }, () => callback),
    );
    assert.equal(await response.text(), TEXT);
    await response.finished;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, each));
}

/** A request whose handler makes so many others of its own, and reads their answers. */
async function scope(count: number): Promise<void> {
  const handler = withResponseThen(async () => {
    for (let i = 0; i < count; i++) assert.equal(await new ResponseThen(TEXT, callback).text(), TEXT);
    return new ResponseThen(TEXT, callback);
  });
  const each = async () => {
    const response = (await handler(REQUEST)) as InstanceType<typeof ResponseThen>;
    assert.equal(await response.text(), TEXT);
    await response.finished;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, each));
}

/** By kind: one turn, how many responses it has, and how many callbacks each. */
const kinds: Record<string, (count: number) => readonly [turn: () => Promise<void>, responses: number, each: number]> =
  {
    plain: (count) => [inFlight(count, (body) => new Response(body)), AT_ONCE, 0],
    open: (count) => [inFlight(count, (body) => new ResponseThen(body, callback)), AT_ONCE, 1],
    callbacks: (count) => [() => callbacks(count), AT_ONCE, count],
    scope: (count) => [() => scope(count), AT_ONCE * (count + 1), 1],
  };
const make = kinds[kind];
if (!make) throw new Error(`no kind ${kind}`);
const [turn, responses, each] = make(Number(amount));

/** Works until so many responses have ended, and a turn is over; their callbacks ran. Answers how many there were. */
async function work(least: number): Promise<number> {
  const turns = Math.ceil(least / responses);
  ran = 0;
  for (let i = 0; i < turns; i++) await turn();
  // A read that is not sent is told with the request that made it.
  for (let i = 0; i < 100 && ran < turns * responses * each; i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(ran, turns * responses * each, `the callbacks of ${kind} ${amount}`);
  return turns * responses;
}

announceWith(0, Object.fromEntries([500, 5_000].map((least) => [`/${least}`, () => work(least)])));
