// What the tests of wrapped handlers and of Hono share: a way to write outcomes down, and a guard for what never ends.
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type DrainResult, drain, type Outcome } from "../src/index.ts";

/** Waits for all that is in flight, and not long for what never ends: the test that built it tells of that. */
export function settle(): Promise<DrainResult> {
  return drain({ timeout: 1_000 });
}

/** Fails a test that leaves something in flight. */
export function leaveNothingInFlight(): void {
  let pending = 0;
  beforeEach(async () => {
    pending = (await drain({ timeout: 0 })).pending;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    expect(await settle()).toMatchObject({ pending });
  });
}

/** A callback that writes an outcome down in one line. */
export function into(events: unknown[], name: string): (outcome: Outcome) => void {
  return (outcome) => {
    const why = outcome.type === "canceled" ? outcome.reason.name : outcome.type === "errored" ? outcome.error : null;
    events.push([name, outcome.type, outcome.observed, outcome.response.status, ...(why === null ? [] : [why])]);
  };
}
