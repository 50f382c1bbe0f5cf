import { expect, test } from "vitest";
import { send } from "../../../client.ts";
import type { Running } from "./running.ts";

/** For an app on Workers, whose runtime stops what nobody waits for: `/slow` answers "Hello", and prints `slow` 300 ms later. */
export function testKeptAlive(app: () => Running): void {
  test("a callback of 300 ms runs to its end", async () => {
    const exchange = await send(app().url("/slow"));
    expect(String(await exchange.readAll())).toBe("Hello");
    await app().printed((line) => line === "slow");
  });
}
