// npm run soak -- <runtime> [count] [--seed <number>] [--clients <number>]
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "./client.ts";
import { jobOf } from "./plan.ts";
import { Progress } from "./progress.ts";
import type { Account } from "./serve/books.ts";
import { runtimes, type SoakedServer, startServer } from "./server.ts";
import { faults, type Seen, tableOf } from "./verdict.ts";

/** The requests before the heap is measured for the first time: what is only made once is there then. */
const WARM_UP = 1_000;

/** How long callbacks may come after the last request, in ms: on workerd what was dropped is told after 25 s. */
const LATE = 90_000;

/** How long the warm-up waits for its callbacks, in ms: what is left then is a handful. */
const EARLY = 3_000;

interface Soak {
  readonly runtime: string;
  readonly count: number;
  readonly seed: number;
  readonly clients: number;
}

/** Runs the jobs from `from` to `to`, by several clients at once; returns what was wrong with the answers. */
async function work(
  server: SoakedServer,
  { seed, clients }: Soak,
  from: number,
  to: number,
  done: (index: number) => Promise<void>,
) {
  const wrong: string[] = [];
  let next = from;
  const one = async () => {
    const client = new Client(server.port);
    while (next < to) {
      const fault = await client.do(jobOf(seed, next++));
      if (fault !== undefined) wrong.push(fault);
      await done(next);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: clients }, one));
  return wrong;
}

/** The account when all callbacks have run and all failures are reported, or when it is too late for more. */
async function accountOf(server: SoakedServer, patience: number): Promise<Account> {
  const end = performance.now() + patience;
  for (;;) {
    // What was abandoned is noticed when it is collected.
    await server.memory(true);
    const account = await server.account();
    if ((account.due === 0 && account.unreported === 0) || performance.now() > end) return account;
    await pause(500);
  }
}

async function soak(options: Soak): Promise<Seen> {
  const { runtime, count } = options;
  const server = await startServer(runtime);
  try {
    const started = performance.now();
    const warmUp = Math.min(WARM_UP, count);
    const wrong = await work(server, options, 0, warmUp, async () => {});
    await accountOf(server, EARLY);
    const start = await server.memory(true);
    let peak = start;
    const progress = new Progress(runtime, count);
    const every = Math.ceil(count / 200);
    wrong.push(
      ...(await work(server, options, warmUp, count, async (index) => {
        progress.show(index);
        if (index % every === 0) peak = Math.max(peak, await server.memory(false));
      })),
    );
    const seconds = (performance.now() - started) / 1_000;
    // A second callback of a response would come after the first: give it the time.
    await accountOf(server, LATE);
    await pause(1_000);
    const account = await accountOf(server, LATE);
    return { requests: count, seconds, account, wrong, heap: { start, peak, end: await server.memory(true) } };
  } finally {
    await server.close();
  }
}

function refuse(message: string): never {
  console.error(`npm run soak: ${message}`);
  process.exit(2);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, clients: { type: "string", default: "50" } },
});
const [runtime = "", count = "100000"] = positionals;
if (!runtimes.includes(runtime)) refuse(`unknown runtime "${runtime}"; expected one of ${runtimes.join(", ")}`);
const seed = values.seed ?? String(Math.floor(Math.random() * 1e9));
const numbers = { count: Number(count), seed: Number(seed), clients: Number(values.clients) };
for (const [name, value] of Object.entries(numbers)) {
  if (!Number.isSafeInteger(value) || value < (name === "seed" ? 0 : 1)) refuse(`${name} is no whole number: ${value}`);
}
const seen = await soak({ runtime, ...numbers });
const found = faults(seen);
console.log(`${runtime}, seed ${seed}\n\n${tableOf(seen)}\n`);
for (const fault of found) console.log(`FAULT: ${fault}`);
console.log(found.length === 0 ? "PASS" : "FAIL");
process.exit(found.length === 0 ? 0 : 1);
