// What holds on every server beside how a response ends: that no two of them mix.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { Event } from "./records.ts";
import { callbacksIn, type Visit } from "./visit.ts";

/** A sentence, and how it is checked; `http1` and `http2` where it is only of one of them. */
export interface Sentence {
  readonly text: string;
  readonly only?: "http1" | "http2";
  readonly check: (visit: Visit) => Promise<void>;
}

/** How often each callback of a request was told, and of what; all in the async context of the request. */
function summary(events: readonly Event[], id: string): string[] {
  const callbacks = callbacksIn(events);
  expect(callbacks.map(({ store }) => store)).toEqual(callbacks.map(() => id));
  return callbacks.map(({ name, type, phase = "" }) => `${name}: ${type} ${phase}`.trim()).sort();
}

export const sentences: readonly Sentence[] = [
  {
    text: "50 requests at once end each on its own, also those that drop a response",
    async check(visit) {
      const count = 50;
      const bodies = await Promise.all(
        Array.from({ length: count }, async (_, n) => {
          const call = await visit.send("mixed", "GET", `&n=${n}`, `${visit.id}.${n}`);
          return (await call.readAll()).byteLength;
        }),
      );
      expect(bodies).toEqual(bodies.map((_, n) => (n % 4 < 2 ? 12 : 5_000)));
      const expected = Array.from({ length: count }, (_, n) => [
        ...(n % 2 === 1 ? ["dropped: canceled before-body"] : []),
        "own: completed",
      ]);
      const seen = await visit.all(expected.flat().length);
      expect(expected.map((_, n) => summary(seen[n] ?? [], `${visit.id}.${n}`))).toEqual(expected);
    },
  },
  {
    text: "what is built after the answer was returned belongs to nobody",
    async check(visit) {
      const call = await visit.send("late");
      expect((await call.readAll()).byteLength).toBe(40_000);
      const names = ["own", "built while it goes out", "built after it", "empty", "dropped"];
      await visit.callbacks(names, true);
      const events = await visit.events();
      expect(summary(events, visit.id)).toEqual([
        "built after it: completed",
        "built while it goes out: completed",
        "dropped: canceled before-body",
        "empty: completed",
        "own: completed",
      ]);
      const order = events.map((event) => (event.at === "callback" ? event.name : event.at));
      expect(order.indexOf("own")).toBeLessThan(order.indexOf("reads"));
      expect(order.indexOf("reads")).toBeLessThan(order.indexOf("built while it goes out"));
      expect(order.indexOf("reads")).toBeLessThan(order.indexOf("built after it"));
    },
  },
  {
    text: "two responses on one connection end once each, in turn",
    async check(visit) {
      const connection = visit.connect();
      const ports: (number | undefined)[] = [];
      for (const [n, route] of ["string", "stream", "string"].entries()) {
        const id = `${visit.id}.${n}`;
        const call = await connection.send(visit.path(route, "", id));
        ports.push(call.socket.localPort);
        await call.readAll();
        await visit.callbacks(["own"], false, id);
        expect(summary(await visit.events(id), id)).toEqual(["own: completed"]);
      }
      expect(new Set(ports).size).toBe(1);
    },
  },
  {
    text: "pipelined requests end once each",
    only: "http1",
    async check(visit) {
      const socket = connect(visit.port, "127.0.0.1");
      // Bun answers no request that came behind one that it cannot answer at once, whatever the response.
      const routes = ["string", visit.server.runtime === "bun" ? "bytes" : "stream", "204", "string"];
      const requests = routes.map(
        (route, n) =>
          `GET ${visit.path(route, "", `${visit.id}.${n}`)} HTTP/1.1\r\nHost: localhost\r\n` +
          `Connection: ${n === routes.length - 1 ? "close" : "keep-alive"}\r\n\r\n`,
      );
      socket.write(requests.join(""));
      const answers = await text(socket);
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([
        "HTTP/1.1 200",
        "HTTP/1.1 200",
        "HTTP/1.1 204",
        "HTTP/1.1 200",
      ]);
      for (const n of routes.keys()) {
        const id = `${visit.id}.${n}`;
        await visit.callbacks(["own"], false, id);
        expect(summary(await visit.events(id), id)).toEqual(["own: completed"]);
      }
    },
  },
  {
    text: "requests at once on one connection end once each, also when one of them is reset",
    only: "http2",
    async check(visit) {
      const connection = visit.connect();
      const ids = [0, 1, 2].map((n) => `${visit.id}.${n}`);
      const [first, second, third] = await Promise.all(
        ["stream", "flowing", "string"].map((route, n) => connection.send(visit.path(route, "", ids[n]))),
      );
      const bodies = Promise.all([first?.readAll(), third?.readAll()]);
      await second?.readAtLeast(1_500);
      second?.reset();
      expect((await bodies).map((body) => body?.byteLength)).toEqual([5_000, 12]);
      const endings = ["own: completed", "own: canceled mid-body", "own: completed"];
      for (const [n, id] of ids.entries()) {
        await visit.callbacks(["own"], false, id);
        expect(summary(await visit.events(id), id)).toEqual([endings[n]]);
      }
    },
  },
  {
    text: "the connection reset under a response cancels it",
    only: "http2",
    async check(visit) {
      const call = await visit.send("flowing");
      await call.readAtLeast(1_500);
      call.socket.resetAndDestroy();
      await visit.callbacks(["own"]);
      expect(summary(await visit.events(), visit.id)).toEqual(["own: canceled mid-body"]);
    },
  },
  {
    text: "a callback that blocks begins after the client has the last byte",
    async check(visit) {
      const folder = mkdtempSync(join(tmpdir(), "response-then-"));
      try {
        // Of a longer one a client of HTTP/2 takes 64 KiB and then has to be heard, and the class alone has ended it.
        const unheard = visit.server.protocol === "http2" && visit.way === "alone";
        for (const route of unheard ? ["blocks-small"] : ["blocks", "blocks-small"]) {
          const file = join(folder, route);
          const id = `${visit.id}.${route}`;
          const call = await visit.send(route, "GET", `&file=${encodeURIComponent(file)}`, id);
          await call.readAll();
          // The callback blocks the server until this is there, but not for ever.
          writeFileSync(file, "");
          const done = (events: readonly Event[]) => events.some(({ at }) => at === "answered" || at === "blocked");
          await visit.until(done, { id });
          expect((await visit.events(id)).map(({ at }) => at)).toEqual(["handler", "answered"]);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  {
    text: "a source that is drained ends by itself, and the outcome has the rest of its bytes",
    async check(visit) {
      const call = await visit.send("drains");
      await call.readAtLeast(1_500);
      call.reset();
      const [outcome] = await visit.callbacks(["own"]);
      expect(outcome?.drained?.whole).toBe(true);
      expect((outcome?.bytes ?? 0) + (outcome?.drained?.bytes ?? 0)).toBe(100_000);
      const seen = (await visit.events()).map(({ at }) => at);
      expect(seen).toEqual(["handler", "source ends", "callback"]);
    },
  },
];

/** What holds where one wrapped handler is in another: each callback runs once, and all are told the same. */
export const nestedSentences: readonly Sentence[] = [
  ["string", "GET", "completed"],
  ["stream", "GET", "completed"],
  ["string", "HEAD", "completed"],
  ["204", "GET", "completed"],
  ["throws-async", "GET", "errored before-body"],
].map(([route = "", method = "", ending = ""]) => ({
  text: `two wraps around ${method} ${route}: each callback runs once`,
  async check(visit) {
    const call = await visit.send(route, method);
    await call.readAll();
    const callbacks = await visit.callbacks(["own", "inner", "outer"]);
    const seen = callbacks.map(({ name, type, phase = "" }) => `${name}: ${type} ${phase}`.trim());
    expect(seen.sort()).toEqual(["inner", "outer", "own"].map((name) => `${name}: ${ending}`));
    expect(callbacks.map(({ observed }) => observed)).toEqual(callbacks.map(() => callbacks[0]?.observed));
  },
}));
