import { readdirSync, readFileSync } from "node:fs";

/**
 * The CPU time of a process, of all its threads and of the processes that it started, in µs: as the scheduler counts it,
 * in ns, where `/proc/<pid>/stat` counts ticks of 10 ms.
 */
export class CpuClock {
  readonly #pid: number;
  // By thread: the time of one that has ended is no longer listed, and still belongs to the sum.
  readonly #spent = new Map<string, number>();

  /** @throws {Error} where the kernel does not tell, which is everywhere but on Linux. */
  constructor(pid: number) {
    this.#pid = pid;
    if (this.now() === 0) throw new Error(`CPU time is read from /proc/${pid}/task/*/schedstat: there is none`);
  }

  now(): number {
    for (const pid of familyOf(this.#pid)) {
      for (const thread of list(`/proc/${pid}/task`)) {
        const [nanoseconds] = read(`/proc/${pid}/task/${thread}/schedstat`);
        if (nanoseconds !== undefined) this.#spent.set(`${pid}/${thread}`, Number(nanoseconds) / 1_000);
      }
    }
    return [...this.#spent.values()].reduce((sum, time) => sum + time, 0);
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
