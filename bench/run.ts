// npm run bench -- <name> [--short]
import process from "node:process";
import { parseArgs } from "node:util";

/** What every bench is told: `short` is a smoke run, which writes nothing down. */
export interface BenchOptions {
  readonly short: boolean;
}

const benches: Record<string, () => Promise<{ bench(options: BenchOptions): Promise<void> }>> = {
  cloudflare: () => import("./cloudflare.ts"),
  servers: () => import("./servers.ts"),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { short: { type: "boolean", default: false } },
});
const [name = ""] = positionals;
const load = benches[name];
if (load === undefined) {
  console.error(`npm run bench: unknown bench "${name}"; expected one of ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}
await (await load()).bench(values);
