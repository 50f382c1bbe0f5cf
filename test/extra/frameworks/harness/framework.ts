import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Bodies, RowKey } from "./rows.ts";

/** A framework whose production form is tried: `framework.test.ts` in its folder gives one to `testFramework`. */
export interface Framework {
  /** The heading of its section in docs/frameworks.md. */
  readonly name: string;
  /** The folder of its package.json: `import.meta.dirname`. */
  readonly folder: string;
  /** The package whose version the page names. */
  readonly package: string;
  /** The commands that make its production form, in its folder; none where there is nothing to build. */
  readonly build?: readonly (readonly string[])[];
  /**
   * The command that starts it, in its folder: `nodeServer("server.js")`, or any other that prints `port 1234`. It must
   * answer `/answers/:name` by `answer()` of answers.ts, add `x-rewrapped: yes` in the framework's own hook where the
   * query has `rewrap`, and answer `/sample` with "Hello" by the sample of the page, whose callback prints `completed 5`.
   */
  readonly start: readonly string[];
  /** Of its builds and of the app. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it answers for `text` and `pieces`, where it writes what a handler gives in a form of its own. */
  readonly bodies?: Bodies;
  /** The files of the sample in its folder, by what the page says of the place of each. They are part of what is built. */
  readonly sample: Readonly<Record<string, string>>;
  /** How it is asked, what it answers, and what its callback prints. */
  readonly sampled?: { readonly path: string; readonly body: string; readonly prints: string };
  /** Why it does not keep a row. The row is run all the same, and one that holds fails. */
  readonly gaps?: Readonly<Partial<Record<RowKey, string>>>;
}

/** A command of one of the folder's packages. */
export function installedIn(folder: string, name: string): string {
  return `${folder}/node_modules/.bin/${name}`;
}

/** To preload where `nodeServer` does not: nothing is told by the garbage collector, so no verdict hangs on when it runs. */
export const uncollected: string = fileURLToPath(new URL("../../../contract/app/uncollected.ts", import.meta.url));

/** Starts a server of Node with these arguments on any free port. */
export function nodeServer(...args: readonly string[]): readonly string[] {
  return [process.execPath, "--import", fileURLToPath(new URL("any-port.ts", import.meta.url)), ...args];
}

/** Starts a built Worker in workerd, with these compatibility flags. */
export function workerServer(built: string, ...flags: readonly string[]): readonly string[] {
  return [process.execPath, fileURLToPath(new URL("worker.ts", import.meta.url)), built, ...flags];
}
