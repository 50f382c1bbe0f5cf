import { readdirSync, readFileSync } from "node:fs";

/** What the threads of a process have had until now, in µs. */
export interface CpuTime {
  /** How long they ran. */
  readonly ran: number;
  /** How long they could have run, and waited for a processor: others had them. */
  readonly waited: number;
}

/**
 * The CPU time of a process, of all its threads and of the processes that it started: as the scheduler counts it, in ns,
 * where `/proc/<pid>/stat` counts ticks of 10 ms.
 */
export class CpuClock {
  readonly #pid: number;
  // By thread: the time of one that has ended is no longer listed, and still belongs to the sum.
  readonly #times = new Map<string, CpuTime>();

  /** @throws {Error} where the kernel does not tell, which is everywhere but on Linux. */
  constructor(pid: number) {
    this.#pid = pid;
    if (this.now().ran === 0) throw new Error(`CPU time is read from /proc/${pid}/task/*/schedstat: there is none`);
  }

  now(): CpuTime {
    for (const pid of familyOf(this.#pid)) {
      for (const thread of list(`/proc/${pid}/task`)) {
        const [ran, waited] = read(`/proc/${pid}/task/${thread}/schedstat`).map((ns) => Number(ns) / 1_000);
        if (ran !== undefined && waited !== undefined) this.#times.set(`${pid}/${thread}`, { ran, waited });
      }
    }
    const times = [...this.#times.values()];
    return {
      ran: times.reduce((sum, { ran }) => sum + ran, 0),
      waited: times.reduce((sum, { waited }) => sum + waited, 0),
    };
  }
}

function familyOf(pid: number): number[] {
  const children = list(`/proc/${pid}/task`).flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`));
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** The words of a file; none where what it tells of has ended. */
function read(file: string): string[] {
  try {
    return readFileSync(file, "latin1").split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}
