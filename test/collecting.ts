// What only a collection can show asks for one: no test waits for the collector to run by itself.
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects all garbage, `times` times, with a turn between for what the registries are told. */
export async function collect(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    // Apart from the caller's job: what a WeakRef has shown stays alive for the rest of it.
    await turn();
    gc();
    await pause(1);
  }
}

/** Collects garbage until `done` says so, so many times at most: few where nothing is to be collected. */
export async function collectUntil(done: () => boolean, times = 200): Promise<boolean> {
  for (let i = 0; i < times && !done(); i++) await collect();
  return done();
}
