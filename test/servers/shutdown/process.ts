import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { killGroup } from "../../kill-group.ts";

/** The binary of a devDependency. Not npx: signals and the exit code are to be the server's own. */
export function installed(name: string): string {
  return fileURLToPath(new URL(`../../../node_modules/.bin/${name}`, import.meta.url));
}

export interface RunningProcess {
  /** The lines on its standard output. */
  readonly printed: readonly string[];
  /** What it wrote to its standard error so far. */
  readonly complaints: () => string;
  /** Waits for a line on its standard output. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Writes a line to its standard input. */
  tell(line: string): void;
  /** Sends SIGTERM. */
  terminate(): void;
  /** How it ended, when its output is read to the end. */
  readonly exit: Promise<[code: number | null, signal: string | null]>;
  /** Ends it if it still runs. */
  close(): Promise<void>;
}

/** Starts a process that ends with the test. */
export function startProcess(command: readonly string[], env: Record<string, string>, cwd?: URL): RunningProcess {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env }, detached: true, ...(cwd && { cwd }) });
  const printed: string[] = [];
  createInterface(child.stdout).on("line", (line) => printed.push(line));
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  // Told something after its end, which the test sees by its exit.
  child.stdin.on("error", () => {});
  let ended = false;
  const exit = once(child, "close") as RunningProcess["exit"];
  exit.then(() => {
    ended = true;
  });
  return {
    printed,
    complaints: () => complaints,
    async line(pattern) {
      const find = () => {
        const match = printed.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (!match && ended) throw new Error(`${command.join(" ")} ended: ${complaints}`);
        return match;
      };
      return (await vi.waitUntil(find, { timeout: 45_000, interval: 10 })) as RegExpExecArray;
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    terminate: () => child.kill("SIGTERM"),
    exit,
    async close() {
      if (!ended) killGroup(child);
      await exit;
    },
  };
}
