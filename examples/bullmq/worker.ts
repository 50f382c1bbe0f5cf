// Enters bills in the ledger, a hash in Redis. When it is killed in the middle of a bill, the next worker enters it.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { type Job, Worker } from "bullmq";
import { Redis } from "ioredis";

/** What is to be billed. */
export interface Bill {
  readonly path: string;
  readonly bytes: number;
  /** Whether the client got as much of it as there was. */
  readonly whole: boolean;
}

const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
/** How long a worker that is silent is still believed to live, in ms. */
const lockDuration = Number(process.env.LOCK_DURATION ?? 30_000);

const ledger = new Redis(url);

async function enter({ id, data }: Job<Bill>): Promise<void> {
  console.log(`begun ${data.path}`);
  // As slow as the ledgers of others are.
  await pause(100 + 200 * Math.random());
  // By the id of the job: one that another worker had entered before it died is entered once.
  const first = await ledger.hsetnx("ledger", id as string, JSON.stringify(data));
  console.log(`${first ? "entered" : "was entered"} ${data.path}, ${data.bytes} bytes`);
}

const worker = new Worker("bills", enter, {
  // A worker waits for Redis for as long as it takes.
  connection: new Redis(url, { maxRetriesPerRequest: null }),
  concurrency: 4,
  lockDuration,
  stalledInterval: lockDuration,
  // How many workers may die of a job before it is put aside as failed; BullMQ's default is 1.
  maxStalledCount: 5,
});
worker.on("ready", () => console.log("ready"));
worker.on("failed", (job, error) => console.error(`Failed ${job?.data.path}: ${error.message}`));
worker.on("error", (error) => console.error(`Redis: ${error.message}`));

process.once("SIGTERM", async () => {
  // What is begun is entered.
  await worker.close();
  process.exit(0);
});
