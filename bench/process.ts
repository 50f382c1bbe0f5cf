import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { killGroup } from "../test/kill-group.ts";

/** A server in a process of its own. */
export interface RunningServer {
  readonly port: number;
  /** Where it tells the bench about itself; that of its answers where it has no other. */
  readonly control: number;
  readonly pid: number;
  close(): Promise<void>;
}

/** How a server is started. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The line by which it tells that it listens: its port and, where there are such, its process id and control port. */
  readonly announced?: RegExp;
}

/** Starts a server, and waits until it listens. */
export async function startProcess(command: Command): Promise<RunningServer> {
  const { file, args, env = {}, cwd, announced = /^port (\d+) pid (\d+)(?: control (\d+))?$/ } = command;
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what npx starts ends with it.
    detached: true,
    env: { ...process.env, ...env },
    cwd,
  });
  const kill = () => {
    // The group is gone where the server has ended by itself.
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  };
  process.once("exit", kill);
  const exited = once(child, "exit");
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  for await (const line of createInterface(child.stdout)) {
    const [, port, pid, control] = announced.exec(line) ?? [];
    if (port === undefined) continue;
    // Whatever else it prints must not fill the pipe, and so stop it.
    child.stdout.resume();
    return {
      port: Number(port),
      control: Number(control ?? port),
      pid: Number(pid ?? child.pid),
      async close() {
        process.off("exit", kill);
        kill();
        await exited;
      },
    };
  }
  throw new Error(`${[file, ...args].join(" ")} did not start: ${complaints}`);
}
