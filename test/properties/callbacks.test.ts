// Any callbacks, whatever they do, and whenever they are added.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { drain } from "../../src/index.ts";
import { CallbackLife, type Step } from "./callback-life.ts";
import { callbackLifeModel } from "./callback-model.ts";
import { comes, holds, watchRejections } from "./property.ts";

watchRejections();

/** What went to the console, by response. */
const logged: unknown[][] = [];
beforeAll(() => void vi.spyOn(console, "error").mockImplementation((...args) => void logged.push(args)));
afterAll(() => void vi.restoreAllMocks());

test("callbacks run once each, in order, in their context; each failure is told once; finished waits for all", {
  timeout: 120_000,
}, async () => {
  await holds(
    callbackLifeModel,
    { runs: 60, together: 30 },
    async (model) => {
      const life = new CallbackLife(model);
      await life.live();
      assertRun(life);
      assertOrder(life);
      assertFailures(life);
    },
    async () => {
      expect(await comes("drain", drain()), "nothing is in flight").toMatchObject({ pending: 0 });
      logged.length = 0;
    },
  );
});

function assertRun({ steps, outcome, model }: CallbackLife): void {
  expect(outcome.type).toBe(model.ends === "without a body" ? "completed" : model.ends);
  for (const step of steps) {
    const never = step.name === "the listener" && model.listener === "leaves";
    expect(step.starts, `${step.name} starts`).toBe(never ? 0 : 1);
    if (never) continue;
    expect(step.outcome === outcome, `${step.name} is told the outcome`).toBe(true);
    const context = step.name.startsWith("added") ? "added" : step.name.split(", ")[1];
    if (step.name !== "the listener") expect(step.context, `the async context of ${step.name}`).toBe(context);
    if (step.deed.startsWith("hangs")) expect(step.signal?.aborted, `the signal of ${step.name}`).toBe(true);
  }
}

function assertOrder({ events, steps, unsettled, model }: CallbackLife): void {
  // Functions and members start in the order in which they were added; a finally waits for its member.
  const first = steps.filter(({ name, before }) => !before && name !== "the listener" && !name.startsWith("added"));
  const names = first.map(({ name }) => name);
  expect(events.filter((name) => names.includes(name))).toEqual(names);
  for (const { name, before } of steps) {
    if (before) expect(events.indexOf(before.name)).toBeLessThan(events.indexOf(name));
  }
  // When finished fulfils, all that was added before has settled, or its time was over.
  const early = unsettled.filter(({ name, deed }) => !name.includes("after finished") && !deed.startsWith("hangs"));
  const cut = early.filter((step) => !step.signal?.aborted && step.name !== "the listener");
  expect(
    cut.map(({ name }) => name),
    "finished waits",
  ).toEqual([]);
  const finished = events.indexOf("finished");
  const late = steps.filter(({ name }) => name.includes("after finished")).map(({ name }) => name);
  expect(late.every((name) => events.indexOf(name) > finished)).toBe(true);
  if (model.listener !== "stays") return;
  const listened = events.indexOf("the listener");
  expect(listened, "the listener comes before finished").toBeLessThan(finished);
  for (const name of names.filter((name) => !late.includes(name))) {
    expect(events.indexOf(name), `${name} comes before the listener`).toBeLessThan(listened);
  }
}

function assertFailures({ reports, steps, model, response, outcome, onErrorFailure }: CallbackLife): void {
  const lines = logged.filter(([, , told]) => told === outcome);
  const told = model.onError === "is missing" ? lines.map(([, error]) => error) : reports.map(([error]) => error);
  expect(reports.every(([, told]) => told === outcome && told.response === response)).toBe(true);
  let overruns = 0;
  let slow = 0;
  for (const step of steps.filter(({ starts }) => starts > 0)) {
    const count = told.filter((error) => error === step.error).length;
    const overrun = step.signal?.aborted === true;
    if (step.deed === "throws") expect(count, `${step.name}: reports`).toBe(1);
    else if (!/rejects|thenable/.test(step.deed)) expect(count, `${step.name}: reports`).toBe(0);
    // Where its time was over before, as by a drain(), that is what is told.
    else expect(count === 1 || (overrun && count === 0), `${step.name}: ${count} reports`).toBe(true);
    if (!overrun) continue;
    if (step.deed.startsWith("hangs") && !overran(step.before)) overruns++;
    else slow++;
  }
  const late = told.filter((error) => (error as Error).name === "TimeoutError").length;
  expect(
    late >= overruns && late <= overruns + slow,
    `${late} overruns told, of ${overruns} to ${overruns + slow}`,
  ).toBe(true);
  const failing = model.onError === "throws" || model.onError === "rejects";
  // What onError could not take, and that it failed.
  const complaints = lines.filter(([, error]) => error === onErrorFailure).length;
  expect(complaints, "failures of onError").toBe(failing ? reports.length : 0);
  if (model.onError !== "is missing") expect(lines.length).toBe(failing ? 2 * reports.length : 0);
}

/** Whether the time was over before the next step began. */
function overran(step: Step | undefined): boolean {
  return step !== undefined && step.signal?.aborted === true;
}
