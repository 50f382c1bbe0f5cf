// The callback runs when the producer of the body has stopped: a client leaves in the middle, by a reset.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import type { Event } from "./stopping/app.ts";
import { starts } from "./stopping/hosts.ts";

let visits = 0;

describe.each(starts)("%s", (name, start) => {
  let running: Running;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.close());

  /** Reads a piece, leaves, and waits until `last` has happened. */
  async function leave(path: string, last: string, ms = 15_000): Promise<Event[]> {
    const id = `${++visits}`;
    const url = (path: string) => new URL(`http://127.0.0.1:${running.port}${path}?id=${id}`);
    const { readAtLeast, message, socket } = await send(url(path));
    await readAtLeast(1_000);
    message.on("error", () => {});
    socket.resetAndDestroy();
    for (const begun = performance.now(); ; await pause(25)) {
      const events = JSON.parse(String(await (await send(url("/events"))).readAll())) as Event[];
      if (events.some(({ what }) => what === last)) return events;
      if (performance.now() - begun > ms) throw new Error(`not in time: ${JSON.stringify(events)}`);
    }
  }

  describe.each(["alone", "wrapped"])("%s", (way) => {
    test.concurrent.for(["cancel", "written", ...(name === "workerd" ? [] : ["generator"]), "consumed"])(
      "of a producer that takes 400 ms to stop it is told after that, and that it was released: %s",
      async (kind) => {
        const events = await leave(`/${way}/${kind}/400`, "told");
        expect(events.map(({ what }) => what)).toEqual(["left", "stopped", "told"]);
        const [left, , told] = events as [Event, Event, Event];
        expect(told.outcome).toMatchObject({ type: "canceled", released: true });
        // That of the leaving: of what is read on it is before the source was told.
        expect(told.outcome?.duration).toBeLessThan(left.at + 100);
      },
    );

    test.concurrent.for(["cancel", "written", "consumed"])(
      "of a producer that never stops it is told 5 s after the client left, and that it was not: %s",
      async (kind) => {
        const events = await leave(`/${way}/${kind}/-1`, "told");
        expect(events.map(({ what }) => what)).toEqual(["left", "told"]);
        const [left, told] = events as [Event, Event];
        expect(told.outcome).toMatchObject({ type: "canceled", released: false });
        expect(told.at - left.at).toBeGreaterThan(4_900);
        expect(told.outcome?.duration).toBeLessThan(left.at + 100);
      },
    );
  });

  // Node tells that its client left, and nobody knows of its producer: it was called released while its cancel() still ran.
  test("a plain response under a callback for all: it does not say released before it was", async () => {
    const events = await leave("/plain/cancel/400", "told");
    const names = events.map(({ what }) => what);
    const { outcome } = events.find(({ what }) => what === "told") as Event;
    expect({ released: outcome?.released, names }).toEqual({ released: names.includes("stopped"), names });
  });
});
