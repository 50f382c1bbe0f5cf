// Bodies that are written by hand, on every runtime, by real sockets.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { cutsErrors, seesLeaving, servers } from "./bodies/hosts.ts";
import { Visitor } from "./bodies/visitor.ts";

/** What a socket has room for, in the servers and in the system, with a margin: far less than is written in a second. */
const BUFFERS = 64 * 1_048_576;

describe.each(servers)("$name", (server) => {
  let running: Running;
  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(() => running?.close());

  describe.each(["alone", "wrapped"])("%s", (way) => {
    const observed = server.name === "node" && way === "wrapped" ? "flushed" : "pulled";

    test.each([
      ["written", 201, "one é two three"],
      ["closed", 200, "one two three"],
    ])("%s: the client gets all, and the response completes", async (route, status, text) => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send(route);
      expect([exchange.status, String(await exchange.readAll())]).toEqual([status, text]);
      const bytes = Buffer.byteLength(text);
      expect(await visitor.told()).toEqual([{ at: "callback", type: "completed", observed, bytes, status }]);
    });

    test("a slow reader holds the writer back", async () => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send("floods");
      await exchange.readAtLeast(65_536);
      const written = await visitor.settledCount();
      expect(written).toBeLessThan(BUFFERS);
      expect(await visitor.events()).toEqual([]);
      // It goes on where it was.
      await exchange.readAtLeast(written + 1_048_576);
      expect(await visitor.count()).toBeGreaterThan(written);
      exchange.socket.resetAndDestroy();
      if (!seesLeaving(server.name, way)) return;
      const events = await visitor.told();
      expect(events[0]).toMatchObject({ at: "writer", what: expect.stringMatching(/^write rejects: /) });
      expect(events.slice(1)).toMatchObject([{ at: "callback", type: "canceled", phase: "mid-body" }]);
    });

    if (seesLeaving(server.name, way)) {
      test("a client that leaves while the writer writes: its write() rejects", async () => {
        const visitor = new Visitor(running, way);
        const exchange = await visitor.send("flows");
        await exchange.readAtLeast(3_000);
        exchange.socket.resetAndDestroy();
        // Workers wait for the callbacks, and may stop a function that is between two writes.
        const stops = server.name.startsWith("workerd");
        const events = await (stops ? visitor.told() : visitor.eventsWhen((events) => events.length === 2));
        const rejections = events.filter((event) => event.at === "writer" && event.what.startsWith("write rejects: "));
        if (!stops) expect(rejections).toHaveLength(1);
        expect(events.find(({ at }) => at === "callback")).toMatchObject({
          type: "canceled",
          observed,
          phase: "mid-body",
        });
      });

      test("a client that leaves while the writer waits: its signal aborts, with an Error", async () => {
        const visitor = new Visitor(running, way);
        const exchange = await visitor.send("idles");
        await exchange.readAtLeast(999);
        await visitor.eventsWhen((events) => events.length === 1);
        exchange.socket.resetAndDestroy();
        const events = await visitor.eventsWhen((events) => events.length === 3);
        expect(events.slice(0, 2)).toEqual([
          { at: "writer", what: "waits" },
          { at: "writer", what: "aborted: true" },
        ]);
        expect(events[2]).toMatchObject({ at: "callback", type: "canceled", bytes: 999, phase: "mid-body" });
      });
    }

    test.each([
      ["fails-before", 0, "before-body"],
      ["fails-after", 999, "mid-body"],
    ])("%s the first byte: errored, and never a clean end", async (route, bytes, phase) => {
      const visitor = new Visitor(running, way);
      // A server that has no byte yet may still answer with an error of its own.
      const end = await visitor.send(route).then(
        ({ status, readAll }) => (status === 500 ? "refused" : readAll().then(String, () => "cut")),
        () => "cut",
      );
      if (cutsErrors(server.name)) expect(end).not.toMatch(/^x*$/);
      const error = "writing failed";
      expect(await visitor.told()).toEqual([
        { at: "callback", type: "errored", observed, bytes, status: 200, phase, error },
      ]);
    });
  });
});
