import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** A clock of what a process costs, in ms. */
export interface Clock {
  readonly unit: "CPU time" | "wall time";
  now(): number;
}

/** The CPU time of this process's child `name`; wall time where there is no /proc. */
export function clockOfChild(name: string): Clock {
  const pid = listProcesses().find((pid) => {
    const fields = statOf(pid);
    return fields?.name === name && Number(fields.rest[1]) === process.pid;
  });
  if (pid === undefined) return { unit: "wall time", now: () => performance.now() };
  return {
    unit: "CPU time",
    now() {
      const rest = statOf(pid)?.rest ?? [];
      // utime and stime, in ticks of 10 ms wherever Linux runs.
      return (Number(rest[11]) + Number(rest[12])) * 10;
    },
  };
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
}

/** The name of a process, and its fields from the third one on (its state). */
function statOf(pid: string): { name: string; rest: string[] } | undefined {
  try {
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
    return { name, rest: rest.trim().split(" ") };
  } catch {
    return undefined;
  }
}
