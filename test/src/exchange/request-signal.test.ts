import { expect, test } from "vitest";
import { SMALL } from "../../../src/exchange/deno.ts";
import { signalsOfRequest, signalsOnBun } from "../../../src/exchange/request-signal.ts";

test("signalsOfRequest asks for the signal at once, once: Bun makes one only when the request comes", () => {
  const events: string[] = [];
  const request = {
    get signal() {
      events.push("asked");
      return AbortSignal.abort(new Error("left"));
    },
  } as Request;
  const { gone } = signalsOfRequest(request);
  events.push("the request is handled");
  gone?.();
  expect(events).toEqual(["asked", "the request is handled"]);
});

test("gone is the reason of the abort from then on, and undefined before", () => {
  const client = new AbortController();
  const { gone } = signalsOfRequest(new Request("http://localhost/", { signal: client.signal }));
  expect(gone?.()).toBeUndefined();
  const reason = new Error("The connection was closed");
  client.abort(reason);
  expect([gone?.(), gone?.()]).toEqual([reason, reason]);
});

test("gone has a reason also where the abort has none of its own", () => {
  const client = new AbortController();
  const { gone } = signalsOfRequest(new Request("http://localhost/", { signal: client.signal }));
  client.abort();
  expect(gone?.()).toMatchObject({ name: "AbortError" });
});

test("only small fixed bodies go out unwatched: nothing tells when Bun has sent one", () => {
  expect(signalsOnBun(new Request("http://localhost/")).fixedLimit).toBe(SMALL);
});
