import process from "node:process";
import { drain } from "../../../src/index.ts";

const { STOP_WITHIN, DRAIN_WITHIN } = process.env;

/** What a server does at SIGTERM, as the examples do it; the limits come by the environment. */
export async function leave(stop: () => Promise<unknown>): Promise<void> {
  const stopped = stop();
  console.log("stopping");
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, Number(STOP_WITHIN)))]);
  const { pending } = await drain({ timeout: Number(DRAIN_WITHIN) });
  console.log(`pending ${pending}`);
  process.exit(pending === 0 ? 0 : 1);
}
