import { execFile } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

/** Runs a command in the repository, without colours, and fulfils with how it ended; it never rejects. */
export function run(command: string, args: readonly string[], cwd = root, more: NodeJS.ProcessEnv = {}): Promise<Run> {
  const env = { ...process.env, ...more, NO_COLOR: "1", FORCE_COLOR: "0" };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? "killed"), stdout, stderr });
    });
  });
}

export interface Run {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}
