// The page of the demo in a real Chromium: every button is pressed, and both sides of what it asked for are read.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Demo, startDemo } from "./demo-page/start-demo.ts";
import { type Visitor, visit } from "./demo-page/visitor.ts";
import { available, type Chromium, startChromium } from "./platforms/service-worker/chromium.ts";

const THINKS = /handler thinks/;
const READS_SLOWLY = /browser reads slowly/;
const names = ["Plain", "Stream", "Slow stream", "Source error", "Redirect", "HEAD", "20 MB download"];

const runtimes = ["node", "bun", "deno", "workerd"] as const;
type Runtime = (typeof runtimes)[number];
type Outcomes = Record<string, string>[];

let browser: Chromium;
const demos = new Map<Runtime, Demo>();
const visitors: Visitor[] = [];
/** Who pressed every button, who left before there was an answer, and who left in its middle. */
const reading = new Map<Runtime, Visitor>();
const leaving = new Map<Runtime, Visitor>();
const interrupting = new Map<Runtime, Visitor>();

async function open(runtime: Runtime): Promise<Visitor> {
  const visitor = await visit(browser.context.browser() as Browser, (demos.get(runtime) as Demo).origin);
  visitors.push(visitor);
  return visitor;
}

async function read(runtime: Runtime): Promise<void> {
  const visitor = await open(runtime);
  reading.set(runtime, visitor);
  await visitor.page.getByLabel(READS_SLOWLY).check();
  for (const name of names) await visitor.press(name);
}

async function leave(runtime: Runtime, left: string[]): Promise<void> {
  const visitor = await open(runtime);
  leaving.set(runtime, visitor);
  await visitor.page.getByLabel(THINKS).check();
  for (const name of left) {
    await visitor.press(name);
    await visitor.sees(name, "handler called");
    await visitor.press(`Abort: ${name}`);
  }
}

async function interrupt(runtime: Runtime): Promise<void> {
  const visitor = await open(runtime);
  interrupting.set(runtime, visitor);
  await Promise.all(["Stream", "Slow stream"].map((name) => visitor.abortAtFirstByte(name)));
}

// All that takes its time is under way at once; it is looked at afterwards.
beforeAll(async () => {
  if (!available) return;
  browser = await startChromium();
  await Promise.all(runtimes.map(async (runtime) => demos.set(runtime, await startDemo([runtime]))));
  await Promise.all(runtimes.map(read));
  for (const runtime of runtimes) await leave(runtime, runtime === "node" ? names : ["Plain"]);
  await Promise.all(runtimes.map(interrupt));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all([...demos.values()].map(({ process }) => process.close()));
});

const canceled = {
  outcome: "canceled",
  bytes: "0",
  phase: "before-body",
  reason: expect.stringMatching(/^AbortError: /),
};
const completed = { outcome: "completed", status: "200" };

describe.skipIf(!available)("on Node", () => {
  test.each(names)("%s, aborted before there is an answer, is canceled", async (name) => {
    const visitor = leaving.get("node") as Visitor;
    await visitor.ends(name, /^aborted by you$/);
    expect(await visitor.outcomes(name)).toEqual([expect.objectContaining(canceled)]);
    expect(await visitor.gap(name)).toMatch(/^The server knew [\d,]+ ms later that you had left\.$/);
  });

  test("the keyboard is enough, and shows where it is", async () => {
    const visitor = await open("node");
    const { keyboard } = visitor.page;
    await keyboard.press("Tab");
    expect(await visitor.focused()).toEqual(["Plain", "solid"]);
    await keyboard.press("Enter");
    expect(await visitor.outcomes("Plain")).toMatchObject([{ outcome: "completed" }]);
    for (let tabs = 0; tabs < 4; tabs++) await keyboard.press("Tab");
    expect(await visitor.focused()).toEqual(["Slow stream", "solid"]);
    await keyboard.press("Space");
    await visitor.sees("Slow stream", "got the first byte");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    expect(await visitor.outcomes("Slow stream")).toMatchObject([{ outcome: "canceled" }]);
    expect(await visitor.said()).toMatch(/^Slow stream: canceled, flushed, 200, \d+ bytes, [\d,]+ ms\.$/);
    expect(await visitor.focused()).toEqual(["Abort: Slow stream", "solid"]);
    await keyboard.press("Enter");
    expect(await visitor.said()).toBe("Slow stream: nothing to abort.");
    for (let tabs = 0; tabs < 9; tabs++) await keyboard.press("Tab");
    await keyboard.press("Space");
    expect(await visitor.page.getByLabel(THINKS).isChecked()).toBe(true);
  });

  test("who prefers less motion sees what happens, and not the time that passes", async () => {
    const drawnWithoutNews = async (reducedMotion: "no-preference" | "reduce") => {
      const visitor = await open("node");
      await visitor.page.emulateMedia({ reducedMotion });
      await visitor.press("Slow stream");
      await visitor.sees("Slow stream", "first pull");
      const without = await visitor.lane("Slow stream").evaluate(async (lane) => {
        const drawn: (string | null | undefined)[] = [];
        const observer = new MutationObserver(() => drawn.push(lane.querySelector(".sides")?.textContent));
        observer.observe(lane, { childList: true });
        while (!lane.textContent?.includes("got the first byte")) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        observer.disconnect();
        return drawn.some((words, index) => words === drawn[index - 1]);
      });
      await visitor.press("Abort: Slow stream");
      return without;
    };
    expect(await Promise.all([drawnWithoutNews("no-preference"), drawnWithoutNews("reduce")])).toEqual([true, false]);
  });

  test("who looks on sees the server's side", async () => {
    const [looks, asks] = await Promise.all([open("node"), open("node")]);
    await asks.press("Plain");
    const title = "GET /plain, from elsewhere";
    expect(await looks.outcomes(title)).toMatchObject([{ outcome: "completed", bytes: "25" }]);
    const sides = looks.lane(title).getByRole("heading", { level: 4 });
    expect(await sides.allTextContents()).toEqual(["Server: GET /plain"]);
  });

  test("a slow reader has the end long after the server has flushed it", async () => {
    const visitor = reading.get("node") as Visitor;
    await visitor.ends("20 MB download", /^got the end$/);
    await visitor.outcomes("20 MB download");
    expect(await visitor.gap("20 MB download")).toMatch(
      /^The browser had the end [\d,]+ ms after the server: flushed is not received\.$/,
    );
  });
});

describe.skipIf(!available).each([
  ["node", "Node", "flushed", "flushed", "flushed", /^it broke off: /],
  ["bun", "Bun", "pulled", "pulled", "handed-over", /^it broke off: /],
  ["deno", "Deno", "pulled", "pulled", "handed-over", /^it broke off: /],
  // The only one that is wrapped by its adapter: a small text goes out as a plain response's. And this workerd ends a body
  // whose source failed as one that is whole, a plain Response's too.
  ["workerd", "workerd", "pulled", "handed-over", "handed-over", /^got the end$/],
] as const)("on %s", (runtime, label, observed, ofText, withoutBody, broken) => {
  test.each<[name: string, outcomes: Outcomes, browserEnd: RegExp]>([
    ["Plain", [{ ...completed, observed: ofText, bytes: "25", chunks: "1" }], /^got the end$/],
    ["Stream", [{ ...completed, observed, bytes: "271", chunks: "20" }], /^got the end$/],
    ["Slow stream", [{ ...completed, observed, bytes: "60", chunks: "5" }], /^got the end$/],
    [
      "Source error",
      [{ outcome: "errored", observed, bytes: "65", phase: "mid-body", error: "Error: the source failed" }],
      broken,
    ],
    [
      "Redirect",
      [
        { outcome: "completed", observed: withoutBody, status: "303", bytes: "0" },
        { ...completed, observed: ofText, bytes: "66" },
      ],
      /^got the end$/,
    ],
    ["HEAD", [{ ...completed, observed: withoutBody, bytes: "0", chunks: "0" }], /^got the end$/],
    ["20 MB download", [{ ...completed, observed, bytes: "20,000,000", chunks: "306" }], /^got the end$/],
  ])("%s ends as it should, on both sides", async (name, outcomes, browserEnd) => {
    const visitor = reading.get(runtime) as Visitor;
    await visitor.ends(name, browserEnd);
    expect(await visitor.outcomes(name)).toEqual(outcomes.map((outcome) => expect.objectContaining(outcome)));
  });

  test.each([
    ["Stream", "while it flows"],
    ["Slow stream", "while it is silent"],
  ])("%s, aborted %s, is canceled in its middle", async (name) => {
    const visitor = interrupting.get(runtime) as Visitor;
    await visitor.ends(name, /^aborted by you$/);
    expect(await visitor.outcomes(name)).toEqual([
      expect.objectContaining({ outcome: "canceled", status: "200", phase: "mid-body" }),
    ]);
    await visitor.sees(name, "the source was canceled");
    expect(await visitor.gap(name)).toMatch(/^The server knew [\d,]+ ms later that you had left\.$/);
  });

  test("the page says what it runs on", async () => {
    expect(await reading.get(runtime)?.page.locator("#runtime").textContent()).toBe(label);
  });
});

describe.skipIf(!available)("who leaves before there is an answer", () => {
  test("is seen by Bun", async () => {
    const visitor = leaving.get("bun") as Visitor;
    expect(await visitor.outcomes("Plain")).toEqual([expect.objectContaining(canceled)]);
  });

  // A browser closes its connection and does not reset it. Both see that when they write.
  test.each([
    ["deno", "pulled", "pulled"],
    ["workerd", "handed-over", "handed over"],
  ] as const)("is not seen by %s, and the page says so", async (runtime, observed, moment) => {
    const visitor = leaving.get(runtime) as Visitor;
    expect(await visitor.outcomes("Plain")).toEqual([expect.objectContaining({ ...completed, observed })]);
    expect(await visitor.gap("Plain")).toBe(`The server did not see that you had left: ${moment} is not received.`);
  });
});

describe.skipIf(!available)("at last", () => {
  test("the page can be looked at: light, dark, and on a phone", async () => {
    const { page } = reading.get("node") as Visitor;
    await page
      .getByRole("article")
      .filter({ hasText: "from elsewhere" })
      .evaluateAll((lanes) => {
        for (const lane of lanes) lane.remove();
      });
    for (const [name, width, colorScheme] of [
      ["demo", 1280, "light"],
      ["demo-dark", 1280, "dark"],
      ["demo-phone", 390, "light"],
      ["demo-narrow", 320, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `reports/${name}.png`, fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });

  test("the server can stop while pages are open, and they say so", async () => {
    const { process } = demos.get("node") as Demo;
    process.terminate();
    expect(await process.exit).toEqual([0, null]);
    await reading.get("node")?.page.getByText("The server does not answer; trying again.").waitFor();
  });

  test("no script of the page threw", () => {
    expect(visitors.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
