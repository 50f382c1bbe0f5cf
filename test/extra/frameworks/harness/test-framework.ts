import process from "node:process";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { send } from "../../../client.ts";
import type { Framework } from "./framework.ts";
import { install, succeed } from "./install.ts";
import { readPage, withFramework, writePage } from "./page.ts";
import { BODIES, type Row, type RowKey, rows } from "./rows.ts";
import { Running } from "./running.ts";

/** How long a callback is waited for, in ms; that of a gap, longer than the 5 s after which what was dropped is told. */
const PATIENCE = 30_000;
const IMPATIENCE = 7_000;

const HELLO = { path: "/sample", body: "Hello", prints: "completed 5" };

/**
 * Builds a framework's app, and tries each row against it; docs/frameworks.md must have what was seen.
 *
 * @param more Tests of what this framework alone has, which get the app.
 */
export function testFramework(framework: Framework, more?: (app: () => Running) => void): void {
  const { name, folder, build = [], env = {}, gaps = {}, bodies = BODIES, sampled = HELLO } = framework;

  describe(name, () => {
    const cells = new Map<RowKey, string>();
    let app: Running;

    beforeAll(async () => {
      await install(folder);
      for (const [command = "", ...args] of build) await succeed(command, args, folder, env);
      app = await Running.start(framework);
    }, 900_000);
    afterAll(() => app?.close());

    async function holds({ key, run }: Row): Promise<void> {
      cells.set(key, await run(app, PATIENCE, bodies));
    }

    /** A gap must fail, and is skipped by its reason. */
    async function confirm({ run }: Row, reason: string, context: TestContext): Promise<never> {
      const seen = await run(app, IMPATIENCE, bodies).catch(() => undefined);
      expect(seen, "it holds now: take it out of the gaps").toBe(undefined);
      return context.skip(reason);
    }

    for (const row of rows) {
      const gap = gaps[row.key];
      test(`${row.title}${gap ? " (a gap)" : ""}`, (context) => (gap ? confirm(row, gap, context) : holds(row)));
    }

    test("the sample of the page", async () => {
      const exchange = await send(app.url(sampled.path));
      expect([exchange.status, String(await exchange.readAll())]).toEqual([200, sampled.body]);
      await app.printed((line) => line === sampled.prints, PATIENCE);
    });

    more?.(() => app);

    test("no callback ran twice", () => {
      const ids = app.told().flatMap(({ id, outcome }) => (outcome ? [id] : []));
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    });

    test("docs/frameworks.md has what was seen", () => {
      const page = readPage();
      const now = withFramework(page, framework, cells);
      if (process.env.UPDATE_DOCS === "1") writePage(now);
      else
        expect(now, `UPDATE_DOCS=1 npm run test:all -- ${folder.split("/").slice(-2).join("/")} writes it`).toBe(page);
    });
  });
}
