import process from "node:process";

declare const Bun: { gc(force: boolean): void } | undefined;
declare const gc: () => void;

/** What a process holds after a garbage collection, in bytes. */
export interface Memory {
  /** Objects, and what they hold outside of the heap. */
  readonly heap: number;
  /** What the operating system counts. */
  readonly resident: number;
}

/** Collects the garbage, and tells what is left. */
export async function memory(): Promise<Memory> {
  for (let i = 0; i < 5; i++) {
    if (typeof Bun === "undefined") gc();
    else Bun.gc(true);
    // Finalizers run between two collections, and free more.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  // Bun's heapUsed has the rest in it.
  return { heap: typeof Bun === "undefined" ? heapUsed + external : heapUsed, resident: rss };
}
