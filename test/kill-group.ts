import type { ChildProcess } from "node:child_process";
import process from "node:process";

/** Kills a process that was started detached, and all that it has started. It may have ended a moment ago. */
export function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), "SIGKILL");
  } catch (error) {
    // Its exit is told later than it happens.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
