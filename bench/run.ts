// npm run bench [-- <name>... [--short]]
import process from "node:process";
import { parseArgs } from "node:util";

/** What every bench is told: `short` is a smoke run, which writes nothing down. */
export interface BenchOptions {
  readonly short: boolean;
}

const benches: Record<string, () => Promise<{ bench(options: BenchOptions): Promise<void> }>> = {
  early: () => import("./early.ts"),
  "last-byte": () => import("./last-byte.ts"),
  servers: () => import("./servers.ts"),
  peers: () => import("./peers.ts"),
  streams: () => import("./streams.ts"),
  growth: () => import("./growth.ts"),
  size: () => import("./size.ts"),
  guard: () => import("./guard.ts"),
};
/** It writes nothing down, and is run by its name alone. */
const GUARD = "guard";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { short: { type: "boolean", default: false } },
});
const known = Object.keys(benches);
for (const name of positionals) {
  if (known.includes(name)) continue;
  console.error(`npm run bench: unknown bench "${name}"; expected one of ${known.join(", ")}`);
  process.exit(1);
}
// Servers are in groups of their own, and end with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const names = positionals.length > 0 ? positionals : known.filter((name) => name !== GUARD);
for (const [index, name] of names.entries()) {
  if (names.length > 1) console.error(`${name}: bench ${index + 1} of ${names.length}`);
  await (await benches[name]?.())?.bench(values);
}
