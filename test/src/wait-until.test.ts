import { describe, expect, test } from "vitest";
import { poolOf } from "../../src/wait-until.ts";

/** A server's waitUntil, and the promises that it was given. */
function server() {
  const given: Promise<unknown>[] = [];
  return { given, waitUntil: (promise: Promise<unknown>) => void given.push(promise) };
}

describe("poolOf", () => {
  test("gives the server one promise, which settles when all that came meanwhile have", async () => {
    const { given, waitUntil } = server();
    const events: string[] = [];
    let fail = (_error: Error) => {};
    poolOf(waitUntil)(Promise.resolve());
    poolOf(waitUntil)(
      new Promise((_, reject) => {
        fail = reject;
      }),
    );
    given[0]?.then(() => events.push("settled"));
    await new Promise((resolve) => setTimeout(resolve, 0));
    events.push("second");
    fail(new Error("of no interest here"));
    await given[0];
    expect([given.length, events]).toEqual([1, ["second", "settled"]]);
  });

  test("gives it another one for what comes after that", async () => {
    const { given, waitUntil } = server();
    poolOf(waitUntil)(Promise.resolve());
    await given[0];
    poolOf(waitUntil)(Promise.resolve());
    await given[1];
    expect(given.length).toBe(2);
  });

  test("is one for each server", () => {
    const servers = [server(), server()];
    for (const { waitUntil } of servers) poolOf(waitUntil)(Promise.resolve());
    expect(servers.map(({ given }) => given.length)).toEqual([1, 1]);
  });

  // It counted what it could not give, and never asked the server again.
  test("asks again after a server that threw", () => {
    let calls = 0;
    const waitUntil = () => {
      if (++calls === 1) throw new Error("not now");
    };
    expect(() => poolOf(waitUntil)(Promise.resolve())).toThrow("not now");
    poolOf(waitUntil)(Promise.resolve());
    expect(calls).toBe(2);
  });
});
