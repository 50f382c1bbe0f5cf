// Callbacks run in real time, whatever timers a test has put in place, and when. Loaded under fake ones that were taken away
// later the library kept these, and no callback of that process ran any more.
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.resetModules();
});

const real = setTimeout;

/** In real time, whatever is in place. */
const pause = (ms: number) => new Promise<void>((resolve) => real(resolve, ms));

async function load() {
  vi.resetModules();
  return import("../../../src/index.ts");
}

test.for<[string, string[] | undefined]>([
  ["all that Vitest replaces", undefined],
  ["setTimeout alone", ["setTimeout", "clearTimeout"]],
  ["setImmediate too", ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"]],
])("loaded under fake timers that are taken away later, callbacks run: %s", async ([, toFake]) => {
  vi.useFakeTimers(toFake ? ({ toFake } as Parameters<typeof vi.useFakeTimers>[0]) : {});
  const { ResponseThen, drain } = await load();
  vi.useRealTimers();
  const told: string[] = [];
  await new ResponseThen("text", ({ type }) => void told.push(type)).text();
  for (let i = 0; i < 100 && told.length === 0; i++) await pause(5);
  expect(told).toEqual(["completed"]);
  expect(await drain({ timeout: 1_000 })).toMatchObject({ pending: 0 });
});

test("loaded under fake timers that are still in place, callbacks run in real time", async () => {
  vi.useFakeTimers();
  const { ResponseThen } = await load();
  const told: string[] = [];
  await new ResponseThen("text", ({ type }) => void told.push(type)).text();
  for (let i = 0; i < 100 && told.length === 0; i++) await pause(5);
  expect(told).toEqual(["completed"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("loaded under one clock, callbacks run under another", async () => {
  vi.useFakeTimers();
  const { ResponseThen } = await load();
  vi.useRealTimers();
  vi.useFakeTimers();
  const told: string[] = [];
  await new ResponseThen("text", ({ type }) => void told.push(type)).text();
  for (let i = 0; i < 100 && told.length === 0; i++) await pause(5);
  expect(told).toEqual(["completed"]);
});

test("loaded before, callbacks run in real time, and nothing is left on the fake clock", async () => {
  const { ResponseThen } = await load();
  vi.useFakeTimers();
  const told: string[] = [];
  await new ResponseThen("text", ({ type }) => void told.push(type)).text();
  for (let i = 0; i < 100 && told.length === 0; i++) await pause(5);
  expect(told).toEqual(["completed"]);
  expect(vi.getTimerCount()).toBe(0);
});
