import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { SharedCallbacks } from "../../src/shared-callbacks.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();

type Events = unknown[];

describe("SharedCallbacks", () => {
  test("checks what it is given when it is made, and not with the first response", () => {
    expect(() => new SharedCallbacks("log" as never)).toThrow(TypeError);
    expect(() => new SharedCallbacks(() => {}, { timeout: -1 })).toThrow(RangeError);
  });

  test("makes a ResponseThen of a plain response, and adds to one that is watched already, after its own", async () => {
    const events: Events = [];
    const shared = new SharedCallbacks(into(events, "shared"));
    const plain = shared.addTo(new Response("plain", { status: 201 }));
    expect(plain).toBeInstanceOf(ResponseThen);
    const own = new ResponseThen("own", into(events, "own"), { status: 202 });
    expect(shared.addTo(own)).toBe(own);
    const other = new ResponseThen("re-wrapped", into(events, "inner"), { status: 203 });
    const wrapper = new Response(other.body, other);
    expect(shared.addTo(wrapper)).toBe(wrapper);
    for (const response of [plain, own, wrapper]) await response.text();
    await settle();
    expect(events).toEqual([
      ["shared", "completed", "pulled", 201],
      ["own", "completed", "pulled", 202],
      ["shared", "completed", "pulled", 202],
      ["inner", "completed", "pulled", 203],
      ["shared", "completed", "pulled", 203],
    ]);
  });

  test("runs with its own options beside the callbacks of a response, which keep theirs", async () => {
    const events: Events = [];
    const fail = (name: string) => () => Promise.reject(name);
    const report = (name: string) => (error: unknown) => events.push([name, error]);
    const response = new ResponseThen("data", fail("own"), { onError: report("its onError") });
    new SharedCallbacks(fail("shared"), { onError: report("the shared onError") }).addTo(response);
    new SharedCallbacks(fail("without options")).addTo(response);
    await response.text();
    await settle();
    expect(events).toEqual([
      ["its onError", "own"],
      ["the shared onError", "shared"],
      ["its onError", "without options"],
    ]);
  });

  test("runs at once, alone, for a response of which no other can be made", async () => {
    const events: Events = [];
    const promises: Promise<unknown>[] = [];
    const response = Response.error();
    const tell = (outcome: Outcome) => events.push([outcome.type, outcome.observed, outcome.response === response]);
    const sent = new SharedCallbacks(tell).addTo(response, (promise) => promises.push(promise));
    await Promise.all(promises);
    expect([sent === response, promises.length, events]).toEqual([true, 1, [["completed", "handed-over", true]]]);
  });

  test("refuses a response that was read, as ResponseThen.from does", async () => {
    const response = new Response("data");
    await response.text();
    expect(() => new SharedCallbacks(() => {}).addTo(response)).toThrow(TypeError);
  });
});

describe("runWithout", () => {
  test("tells what was thrown, whatever it is, with a stand-in of status 500, and keeps the platform alive", async () => {
    for (const error of [new Error("failed"), "text", undefined, null]) {
      const events: Events = [];
      const promises: Promise<unknown>[] = [];
      const shared = new SharedCallbacks(async (outcome) => {
        await macrotask();
        events.push([outcome.type, outcome.observed, outcome.response.status, outcome.response.body]);
        events.push(outcome.type === "errored" && outcome.error);
      });
      shared.runWithout(error, (promise) => promises.push(promise));
      expect(promises).toHaveLength(1);
      await Promise.all(promises);
      expect(events).toEqual([["errored", "handed-over", 500, null], error]);
    }
  });

  test("asks the waitUntil of the options rather than the platform's", async () => {
    const events: Events = [];
    const shared = new SharedCallbacks(() => {}, { waitUntil: () => void events.push("options") });
    shared.runWithout("failed", () => void events.push("platform"));
    await settle();
    expect(events).toEqual(["options"]);
  });
});
