import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** A clock of what a process costs, in ms. */
export interface Clock {
  readonly unit: "CPU time" | "wall time";
  now(): number;
}

/** The CPU time of this process's child `name`; wall time where there is no /proc. */
export function clockOfChild(name: string): Clock {
  const child = listProcesses().find((pid) => {
    const fields = statOf(pid);
    return fields?.name === name && Number(fields.rest[1]) === process.pid;
  });
  return clockOf(child);
}

/** The CPU time of a process, all its threads included; wall time where there is no /proc. */
export function clockOf(pid: string | undefined): Clock {
  if (pid === undefined || statOf(pid) === undefined) return { unit: "wall time", now: () => performance.now() };
  // By thread, for a thread that has ended is no longer listed.
  const spent = new Map<string, number>();
  return {
    unit: "CPU time",
    now() {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const time = timeOf(`${pid}/task/${thread}`);
        if (time !== undefined) spent.set(thread, time);
      }
      return [...spent.values()].reduce((sum, time) => sum + time, 0);
    },
  };
}

/** The CPU time of one thread, in ms; nothing where it has just ended. */
function timeOf(thread: string): number | undefined {
  try {
    // In ns, and so fine enough for what takes a few ms.
    return Number(readFileSync(`/proc/${thread}/schedstat`, "latin1").split(" ")[0]) / 1e6;
  } catch {
    // A kernel without it counts utime and stime only, in ticks of 10 ms.
    const fields = statOf(thread);
    return fields && (Number(fields.rest[11]) + Number(fields.rest[12])) * 10;
  }
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
