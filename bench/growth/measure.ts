// What one more callback, and one more open response, costs on the runtime that runs it; prints what it found. Arguments:
// the runtime's name, rounds, and how many callbacks or responses one measurement has.
import assert from "node:assert/strict";
import process from "node:process";
import { ResponseThen } from "../../dist/src/index.js";
import { type Costs, measureInRounds } from "../rounds.ts";

/** What `measure.ts` prints: CPU time of one response in µs, by how many callbacks it has, and how many are open. */
export interface Grown {
  readonly callbacks: Costs;
  readonly open: Costs;
}

const [name = "", rounds = "1", amount = "10000"] = process.argv.slice(2);
const AMOUNT = Number(amount);
/** None is the response itself. */
const CALLBACKS = [0, 1, 10, 100, 1_000];
const OPEN = [1, 100, 10_000];
const PIECE = new Uint8Array(10);

let ran = 0;
const callback = () => void ran++;

/** Responses with so many callbacks each; in all there are as many callbacks, or with few of them responses. */
async function withCallbacks(count: number): Promise<number> {
  const responses = Math.ceil(AMOUNT / Math.max(count, 10));
  const callbacks = Array.from({ length: count }, () => callback);
  ran = 0;
  const before = process.cpuUsage();
  const finished = Array.from({ length: responses }, async () => {
    const response = new ResponseThen("Hello, world", callbacks);
    await response.text();
    return response.finished;
  });
  for (const { type } of await Promise.all(finished)) assert.equal(type, "completed");
  assert.equal(ran, responses * count, `the callbacks of ${responses} responses with ${count} each`);
  return spentSince(before) / responses;
}

/** Responses that are opened so many at once, read once, and then closed. */
async function withOpen(count: number): Promise<number> {
  const rounds = Math.ceil(AMOUNT / count);
  ran = 0;
  const before = process.cpuUsage();
  const finished: Promise<unknown>[] = [];
  for (let round = 0; round < rounds; round++) {
    const opened: (() => Promise<void>)[] = [];
    for (let i = 0; i < count; i++) {
      let end = () => {};
      const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          end = () => controller.close();
          controller.enqueue(PIECE);
        },
      });
      const response = new ResponseThen(source, callback);
      finished.push(response.finished);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      assert.equal((await reader.read()).value?.byteLength, PIECE.byteLength);
      opened.push(async () => {
        end();
        assert.equal((await reader.read()).done, true);
      });
    }
    for (const close of opened) await close();
  }
  await Promise.all(finished);
  assert.equal(ran, rounds * count, `the callbacks of ${rounds} times ${count} open responses`);
  return spentSince(before) / (rounds * count);
}

/** In µs. */
function spentSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Each of the counts in turn, after a first time that warms up. */
async function measure(text: string, counts: readonly number[], cost: (count: number) => Promise<number>) {
  for (const count of counts) await cost(count);
  return measureInRounds(`${name}, ${text}`, counts.map(String), Number(rounds), (count) => cost(Number(count)));
}

const callbacks = await measure("callbacks", CALLBACKS, withCallbacks);
const open = await measure("open responses", OPEN, withOpen);
console.log(JSON.stringify({ callbacks, open } satisfies Grown));
