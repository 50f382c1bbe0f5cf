// Bodies that are async iterables, and no streams of the platform: a client that leaves ends no process. With the plain
// Response it does on Node, where what was asked of the iterable settles as done after the client has left.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { starts, Visit } from "./iterables/hosts.ts";

describe.each(starts)("%s", (name, start) => {
  let running: Running;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.close());

  describe.each(["alone", "wrapped"])("%s, a client leaves in the middle of", (way) => {
    test.concurrent.for(["generator", "readable", "ponyfill"])(
      "a %s that flows: it is released, and told once",
      async (kind) => {
        const visit = new Visit(running);
        await visit.leave(`/${way}/${kind}/flows`);
        expect(await visit.events(["released", "canceled"])).toEqual(["released", expect.stringMatching(/^canceled /)]);
      },
    );

    test.concurrent.for(
      ["generator", "readable", "ponyfill"].flatMap((kind) =>
        ["ends", "gives", "fails"].map((next) => [kind, next] as const),
      ),
    )("a %s that is idle, and then %s: no process ends, and it is told once", async ([kind, next]) => {
      const visit = new Visit(running);
      await visit.leave(`/${way}/${kind}/${next}`);
      // The server has heard of it when a third request was answered.
      for (let i = 0; i < 3; i++) await visit.events([]);
      await visit.ask("release");
      const events = await visit.events(["released", "canceled"]);
      expect(events.toSorted()).toEqual(["canceled 1000", "released"]);
    });

    // It stayed open until its next piece: its iterator alone was asked to return, and that waits for the pending read.
    // (Of an async generator that waits no more can be had.)
    test.concurrent.for(["readable", "ponyfill"])("a %s that is idle: it is released at once", async (kind) => {
      const visit = new Visit(running);
      await visit.leave(`/${way}/${kind}/ends`);
      // Less than the 5 s after which the callbacks wait no longer.
      expect(await visit.events(["released", "canceled"], 4_000)).toEqual(["released", "canceled 1000"]);
    });
  });

  test("the server has not complained", () => {
    expect(running.complaints()).toBe("");
  });

  // What it guards against; no more than that is known of it.
  test.runIf(name.startsWith("Node"))("with the plain Response the process ends", async () => {
    const other = await start();
    const visit = new Visit(other);
    await visit.leave("/plain/generator/ends");
    for (let i = 0; i < 5; i++) await visit.events([]);
    await visit.ask("release").catch(() => {});
    await expect(visit.events(["never"], 2_000)).rejects.toThrow(/ECONN|socket/);
    expect(other.complaints()).toContain("ERR_INVALID_STATE");
    await other.close();
  });
});
