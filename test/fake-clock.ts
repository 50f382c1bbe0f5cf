// A fake clock, also for what has taken `performance` when it was loaded: timers stay real.
import { type MockInstance, vi } from "vitest";

const real = performance;
let spy: MockInstance | undefined;

/** @param now The wall clock's time. */
export function fakeClock(now: Date = new Date()): void {
  vi.useFakeTimers({ toFake: ["Date", "performance"], now });
  spy = vi.spyOn(real, "now").mockImplementation(() => performance.now());
}

export function realClock(): void {
  spy?.mockRestore();
  vi.useRealTimers();
}
