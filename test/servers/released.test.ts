// Audit of issue 15, item 2: `released` says whether the producer had stopped. Of a plain response under a callback for all
// Node tells that the client left, and nobody knows of its producer: it was called released while its cancel() still ran.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import type { Event } from "./stopping/app.ts";
import { starts } from "./stopping/hosts.ts";

let visits = 0;

describe.each(starts)("%s", (_name, start) => {
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

  test("a plain response under a callback for all: it does not say released before it was", async () => {
    const events = await leave("/plain/cancel/400", "told");
    const names = events.map(({ what }) => what);
    const { outcome } = events.find(({ what }) => what === "told") as Event;
    expect({ released: outcome?.released, names }).toEqual({ released: names.includes("stopped"), names });
  });
});
