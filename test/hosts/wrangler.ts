import { readFileSync } from "node:fs";
import { startWorker } from "./workerd.ts";

/** As much of a Wrangler configuration as the examples use. */
interface Configuration {
  name: string;
  main: string;
  compatibility_date: string;
  compatibility_flags: string[];
  vars?: Record<string, string>;
  kv_namespaces?: { binding: string }[];
  queues?: {
    producers: { binding: string; queue: string }[];
    consumers: { queue: string; max_batch_size: number; max_batch_timeout: number }[];
  };
}

/**
 * Runs a Worker as its `wrangler.jsonc` says, on a socket of its own.
 *
 * @param folder Where the file is, with a slash at its end.
 * @param vars Values that replace some of the file's `vars`.
 * @throws {Error} for a setting that is not known here: it would be left out.
 */
export async function startByWrangler(folder: URL, vars: Record<string, string>): ReturnType<typeof startWorker> {
  // Lines of comment are all that the examples use of what JSON has not.
  const text = readFileSync(new URL("wrangler.jsonc", folder), "utf8").replace(/^\s*\/\/.*$/gm, "");
  const { name, main, compatibility_date, compatibility_flags, ...bindings } = JSON.parse(text) as Configuration;
  const { vars: ownVars = {}, kv_namespaces: namespaces = [], queues, ...unknown } = bindings;
  if (Object.keys(unknown).length > 0) throw new Error(`wrangler.jsonc: unknown here: ${Object.keys(unknown)}`);
  const undeclared = Object.keys(vars).filter((name) => !(name in ownVars));
  if (undeclared.length > 0) throw new Error(`wrangler.jsonc: no such vars: ${undeclared}`);
  return startWorker(new URL(main, folder), {
    flags: compatibility_flags,
    bindings: { ...ownVars, ...vars },
    options: {
      name,
      compatibilityDate: compatibility_date,
      kvNamespaces: namespaces.map(({ binding }) => binding),
      queueProducers: Object.fromEntries((queues?.producers ?? []).map(({ binding, queue }) => [binding, queue])),
      queueConsumers: Object.fromEntries(
        (queues?.consumers ?? []).map(({ queue, max_batch_size, max_batch_timeout }) => [
          queue,
          { maxBatchSize: max_batch_size, maxBatchTimeout: max_batch_timeout },
        ]),
      ),
    },
  });
}
