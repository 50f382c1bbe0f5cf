// A service worker in a real Chromium; its callbacks post what they see to a server on Node. (Its standard is older than
// AsyncLocalStorage: the scope of a request ends with the handler's first await.)
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { withResponseThen } from "../../adapters/service-worker.ts";
import { startProcess } from "../servers/shutdown/process.ts";
import { thrownBy } from "../thrown-by.ts";
import { available, type Chromium, startChromium } from "./service-worker/chromium.ts";
import { type Site, startSite } from "./service-worker/site.ts";

const completed = (name: string, observed: string, bytes: number, status = 200) => [
  name,
  "completed",
  observed,
  status,
  "",
  bytes,
];
const canceled = (name: string, phase: string) => [name, "canceled", "pulled", 200, "AbortError", phase];

describe.skipIf(!available)("a service worker in Chromium", () => {
  let browser: Chromium;
  let site: Site;
  let page: Page;
  let requests = 0;
  const asked: string[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([
      startChromium(),
      startSite(new URL("./service-worker/worker.ts", import.meta.url)),
    ]);
    page = await browser.context.newPage();
    await page.goto(site.origin);
    await page.evaluate(async () => {
      const controlled = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener("controllerchange", resolve);
      });
      await navigator.serviceWorker.register("/worker.js");
      await controlled;
    });
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  /** The path of an answer, and the id of the request for it. */
  function visit(answer: string): [path: string, id: string] {
    const id = `${++requests}`;
    asked.push(id);
    return [`/${answer}?id=${id}`, id];
  }

  /** What the worker noted, once it is as much as expected; the end of the tests sees what comes later. */
  async function notesOf(id: string, count: number): Promise<unknown[][]> {
    await vi.waitUntil(() => site.notesOf(id).length >= count, { timeout: 10_000, interval: 20 }).catch(() => {});
    return site.notesOf(id);
  }

  /** Reads an answer to its end, and fulfils with its status, and with its length or the error. */
  function read(path: string, method = "GET"): Promise<unknown> {
    return page.evaluate(
      async ([path, method]) => {
        try {
          const response = await fetch(path as string, { method: method as string });
          return [response.status, (await response.arrayBuffer()).byteLength];
        } catch (error) {
          return (error as Error).name;
        }
      },
      [path, method],
    );
  }

  test.each<[answer: string, read: unknown, notes: unknown[][]]>([
    ["alone/string", [200, 5], [completed("own", "pulled", 5)]],
    ["alone/stream", [200, 5_000], [completed("own", "pulled", 5_000)]],
    ["alone/nothing", [204, 0], [completed("own", "handed-over", 0, 204)]],
    ["wrapped/string", [200, 5], [completed("own", "pulled", 5)]],
    ["told/string", [200, 5], [completed("own", "pulled", 5), completed("adapter", "pulled", 5)]],
    ["told/stream", [200, 5_000], [completed("own", "pulled", 5_000), completed("adapter", "pulled", 5_000)]],
    ["told/nothing", [204, 0], [completed("own", "handed-over", 0, 204), completed("adapter", "handed-over", 0, 204)]],
    ["told/network", [200, 21], [completed("adapter", "pulled", 21)]],
  ])("%s, read to its end", async (answer, seen, notes) => {
    const [path, id] = visit(answer);
    expect(await read(path)).toEqual(seen);
    expect(await notesOf(id, notes.length)).toEqual(notes);
  });

  test("HEAD: the browser reads the body, under the adapter nobody does", async () => {
    const [alone, aloneId] = visit("alone/stream");
    expect(await read(alone, "HEAD")).toEqual([200, 5_000]);
    expect(await notesOf(aloneId, 1)).toEqual([completed("own", "pulled", 5_000)]);
    const [told, toldId] = visit("told/stream");
    expect(await read(told, "HEAD")).toEqual([200, 0]);
    const notes = [["source canceled"], completed("own", "handed-over", 0), completed("adapter", "handed-over", 0)];
    expect(await notesOf(toldId, 3)).toEqual(notes);
  });

  test("a source that fails", async () => {
    const [path, id] = visit("told/fails");
    expect(await read(path)).toBe("TypeError");
    const errored = ["errored", "pulled", 200, "Error: source failed", "mid-body"];
    expect(await notesOf(id, 2)).toEqual([
      ["own", ...errored],
      ["adapter", ...errored],
    ]);
  });

  test.each(["told", "at-once"])("a handler that throws: a network error for the page (%s)", async (way) => {
    const [path, id] = visit(`${way}/nonsense`);
    expect(await read(path)).toBe("TypeError");
    const error = way === "told" ? "Error: no such answer" : "Error: at once";
    expect(await notesOf(id, 1)).toEqual([["adapter", "errored", "handed-over", 500, error, "before-body"]]);
  });

  test("an opaque response of the network", async () => {
    const [path, id] = visit("told/opaque");
    // Another origin: the same machine by another name.
    const from = `${site.origin.replace("127.0.0.1", "localhost")}/file`;
    const type = await page.evaluate(
      async (url) => (await fetch(url, { mode: "no-cors" })).type,
      `${path}&from=${encodeURIComponent(from)}`,
    );
    expect(type).toBe("opaque");
    expect(await notesOf(id, 1)).toEqual([completed("adapter", "handed-over", 0, 0)]);
  });

  test("built before an await and dropped", async () => {
    const [path, id] = visit("told/dropped");
    expect(await read(path)).toEqual([200, 7]);
    expect(await notesOf(id, 2)).toEqual([
      completed("adapter", "pulled", 7),
      ["own", "canceled", "handed-over", 200, "AbandonedError", "before-body"],
    ]);
  });

  describe.each(["alone", "told"])("a client that leaves (%s):", (way) => {
    const left = (phase: string) => {
      const callbacks = way === "alone" ? ["own"] : ["own", "adapter"];
      return [["source canceled"], ...callbacks.map((name) => canceled(name, phase))];
    };
    const byName = (notes: unknown[][]) => notes.sort().map(String);
    const expectLeft = async (id: string, phase: string) => {
      const expected = left(phase);
      expect(byName(await notesOf(id, expected.length))).toEqual(byName(expected));
    };

    test.each([
      ["flowing", "mid-body"],
      ["idle", "mid-body"],
      ["late", "before-body"],
    ])("a page that aborts its request (%s)", async (answer, phase) => {
      const [path, id] = visit(`${way}/${answer}`);
      await page.evaluate(
        async ([path, phase]) => {
          const controller = new AbortController();
          const answering = fetch(path as string, { signal: controller.signal });
          // "late" is aborted while its handler is at work.
          if (phase === "mid-body") await (await answering).body?.getReader().read();
          else await new Promise((resolve) => setTimeout(resolve, 100));
          controller.abort();
          await answering.catch(() => {});
        },
        [path, phase],
      );
      await expectLeft(id, phase);
    });

    test.each(["navigates away", "is closed"])("a page that %s", async (how) => {
      const [path, id] = visit(`${way}/idle`);
      const other = await browser.context.newPage();
      await other.goto(site.origin);
      await other.evaluate(async (path) => {
        await (await fetch(path)).body?.getReader().read();
      }, path);
      if (how === "is closed") await other.close();
      else await other.goto("about:blank");
      await expectLeft(id, "mid-body");
    });

    test("a frame that is removed while it is loaded", async () => {
      const [path, id] = visit(`${way}/flowing`);
      await page.evaluate(async (path) => {
        const frame = document.createElement("iframe");
        frame.src = path;
        document.body.append(frame);
        while (!frame.contentDocument?.body?.textContent) await new Promise((resolve) => setTimeout(resolve, 10));
        frame.remove();
      }, path);
      await expectLeft(id, "mid-body");
    });
  });

  // Why there is an adapter: the browser may stop a worker that has nothing to wait for.
  test("the event lasts until the callbacks have settled, and not without the adapter", async () => {
    for (const [way, extended] of [
      ["alone", "InvalidStateError"],
      ["wrapped", "yes"],
    ]) {
      const [path, id] = visit(`${way}/extends`);
      expect(await read(path)).toEqual([200, 5]);
      expect(await notesOf(id, 1)).toEqual([["extended", extended]]);
    }
  });

  test("examples/service-worker: its server prints how the worker's answers have ended", async () => {
    const folder = new URL("../../examples/service-worker/", import.meta.url);
    const server = startProcess([process.execPath, "server.ts"], { PORT: "0" }, folder);
    try {
      const [origin] = await server.line(/^http:.*/);
      const demo = await browser.context.newPage();
      await demo.goto(origin);
      const log = (path: string, ended: string) =>
        server.line(new RegExp(`^GET /worker/${path} 200 ${ended} bytes in \\d+ ms, pulled$`));
      await log("hello", "completed, 6");
      await demo.click("#leave");
      await log("stream", "canceled, \\d+");
      await demo.click("#read");
      await log("stream", "completed, 151");
      expect(await demo.textContent("#out")).toMatch(/^line 1\n(line \d+\n){18}line 20\n$/);
      expect([server.printed.length, server.complaints()]).toEqual([4, ""]);
    } finally {
      await server.close();
    }
  });

  test("each callback ran once, and no other", async () => {
    const count = () => Object.fromEntries(site.ids().map((id) => [id, site.notesOf(id).length]));
    const before = count();
    await pause(300);
    expect(count()).toEqual(before);
    expect(Object.keys(before).sort()).toEqual(asked.sort());
  });
});

test("a handler that is none, and a callback that is none, throw at the call", () => {
  expect(thrownBy(() => withResponseThen(undefined as never))).toBe(
    "TypeError: handler: expected a fetch function, got Undefined",
  );
  expect(thrownBy(() => withResponseThen(() => new Response(), 1 as never))).toContain("TypeError: callback: expected");
});
