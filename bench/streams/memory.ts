import { readFileSync, writeFileSync } from "node:fs";

/** The most memory that a process has resident, as the operating system counts it. */
export interface Peak {
  /** Begins again with what it has now. */
  reset(): void;
  /** In bytes; nothing where there is no /proc. */
  read(): number | undefined;
}

export function peakOf(pid: string | undefined): Peak {
  return {
    reset() {
      try {
        // 5 resets the high water mark, and nothing else.
        writeFileSync(`/proc/${pid}/clear_refs`, "5");
      } catch {
        // No /proc.
      }
    },
    read() {
      try {
        const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
        return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
      } catch {
        return undefined;
      }
    },
  };
}
