// Bodies that are transformed on their way, on every runtime, by real sockets.
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { cutsErrors, seesLeaving, servers } from "./bodies/hosts.ts";
import { Visitor } from "./bodies/visitor.ts";

const TOTAL = 512 * 65_536;
/** What the servers and the system may hold of it. */
const BUFFERS = TOTAL / 2;
const LOUD = "ONE É TWO";
const ZIPPED = "text ".repeat(20_000);

describe.each(servers)("$name", (server) => {
  let running: Running;
  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(() => running?.close());

  describe.each(["alone", "wrapped"])("%s", (way) => {
    const observed = server.name === "node" && way === "wrapped" ? "flushed" : "pulled";

    test.each(["text", "bytes", "stream", "generator"])(
      "a body of %s comes transformed, without an etag",
      async (kind) => {
        const visitor = new Visitor(running, way);
        const exchange = await visitor.send(`loud-${kind}`);
        expect(String(await exchange.readAll())).toBe(LOUD);
        expect([exchange.headers.etag, exchange.headers["content-type"]]).toEqual([
          undefined,
          "text/plain;charset=utf-8",
        ]);
        const bytes = Buffer.byteLength(LOUD);
        expect(await visitor.told()).toEqual([{ at: "callback", type: "completed", observed, bytes, status: 200 }]);
      },
    );

    test.each(["text", "bytes", "stream", "generator"])("a plain Response of %s does too", async (kind) => {
      const exchange = await new Visitor(running, way).send(`plain-loud-${kind}`);
      expect(String(await exchange.readAll())).toBe(LOUD);
      expect([exchange.headers.etag, exchange.headers["content-type"]]).toEqual([
        undefined,
        "text/plain;charset=utf-8",
      ]);
    });

    test("so does what is written by hand", async () => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send("written-loud");
      expect([exchange.status, String(await exchange.readAll())]).toEqual([201, "ONE É TWO THREE"]);
      expect(await visitor.told()).toMatchObject([{ type: "completed", bytes: 16, status: 201 }]);
    });

    test("a TransformStream of the platform's own makes bytes of bytes, and the outcome counts those", async () => {
      const visitor = new Visitor(running, way);
      const zipped = await (await visitor.send("zip")).readAll();
      expect(String(gunzipSync(zipped))).toBe(ZIPPED);
      expect(await visitor.told()).toMatchObject([{ type: "completed", bytes: zipped.byteLength }]);
      const plain = await (await visitor.send("plain-zip")).readAll();
      expect(String(gunzipSync(plain))).toBe(ZIPPED);
    });

    test("HEAD has no body, and the headers of the transformed one", async () => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send("loud-text", "HEAD");
      expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([200, 0]);
      expect(exchange.headers.etag).toBe(undefined);
      expect(await visitor.told()).toMatchObject([{ at: "callback", status: 200 }]);
      // A server that reads the body tells its length; never that of what it was made of.
      const length = String((await (await visitor.send("zip")).readAll()).byteLength);
      const { headers } = await visitor.send("zip", "HEAD");
      expect([undefined, length]).toContain(headers["content-length"]);
    });

    test.each(["big", "big-bytes"])("%s: a slow reader holds the source back", async (route) => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send(route);
      const first = await exchange.readAtLeast(65_536);
      expect(await visitor.settledCount()).toBeLessThan(BUFFERS);
      expect(await visitor.events()).toEqual([]);
      expect(first + (await exchange.readAll()).byteLength).toBe(TOTAL);
      expect(await visitor.told()).toMatchObject([{ type: "completed", bytes: TOTAL }]);
    });

    if (seesLeaving(server.name, way)) {
      test.each(["endless", "endless-bytes", "written-flows"])(
        "%s: a client that leaves cancels the response, and its source once",
        async (route) => {
          const visitor = new Visitor(running, way);
          const exchange = await visitor.send(route);
          await exchange.readAtLeast(3_000);
          exchange.socket.resetAndDestroy();
          const events = await visitor.told();
          expect(events.filter(({ at }) => at === "callback")).toMatchObject([
            { type: "canceled", observed, phase: "mid-body" },
          ]);
          const canceled = events.filter(({ at }) => at === "source canceled");
          expect(canceled).toHaveLength(route === "written-flows" ? 0 : 1);
          // told() has waited a little since.
          expect(await visitor.count()).toBe(await visitor.count());
        },
      );
    }

    test("a transformation that throws midway: errored, its source canceled, and never a clean end", async () => {
      const visitor = new Visitor(running, way);
      const end = await visitor.send("fails").then(
        ({ readAll }) => readAll().then(String, () => "cut"),
        () => "cut",
      );
      if (cutsErrors(server.name)) expect(end).toBe("cut");
      else expect(end).toMatch(/^A{2000}$/);
      const error = "transformation failed";
      expect(await visitor.told()).toEqual([
        { at: "source canceled", reason: error },
        { at: "callback", type: "errored", observed, bytes: 2_000, status: 200, phase: "mid-body", error },
      ]);
    });

    test("on a plain Response it cuts the connection too, and cancels the source", async () => {
      const visitor = new Visitor(running, way);
      const end = await visitor.send("plain-fails").then(
        ({ readAll }) => readAll().then(String, () => "cut"),
        () => "cut",
      );
      if (cutsErrors(server.name)) expect(end).toBe("cut");
      const canceled = [{ at: "source canceled", reason: "transformation failed" }];
      expect(await visitor.eventsWhen((events) => events.length > 0)).toEqual(canceled);
    });

    test("one that ends the body early ends it cleanly, and its source is canceled", async () => {
      const visitor = new Visitor(running, way);
      const body = await (await visitor.send("first")).readAll();
      expect(body.byteLength).toBe(2_000);
      expect(await visitor.told()).toEqual([
        { at: "source canceled", reason: "The transformation ended the body before its source" },
        { at: "callback", type: "completed", observed, bytes: 2_000, status: 200 },
      ]);
    });

    test("a compressed response is refused: status 500, and its source is canceled", async () => {
      const visitor = new Visitor(running, way);
      const exchange = await visitor.send("compressed");
      await exchange.readAll();
      expect(exchange.status).toBe(500);
      const [canceled, told, ...more] = await visitor.told();
      expect(canceled).toMatchObject({
        at: "source canceled",
        reason: expect.stringContaining("content-encoding is gzip"),
      });
      expect(told).toMatchObject({ at: "callback", type: way === "wrapped" ? "errored" : "canceled" });
      expect(more).toEqual([]);
    });
  });
});
