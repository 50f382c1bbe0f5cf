import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ResponseBody } from "../../src/content.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { answerFor, LateBody, stateOf, stateOfBody } from "../../src/late-body.ts";
import { openScope, runInScope, SMALL, type Unwatched } from "../../src/scope.ts";
import type { State } from "../../src/state.ts";
import { thrownBy } from "../thrown-by.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();

const DEFERRED: Unwatched = { limit: Number.POSITIVE_INFINITY, deferred: true };
type Init = ConstructorParameters<typeof Response>[1];

/** How a wrapped handler lets the class build a fixed body. */
const ways: readonly [string, Unwatched][] = [
  ["deferred", DEFERRED],
  ["unwatched", SMALL],
];

/** A response as a handler builds it; it has ended when the test calls `end`. */
function build(unwatched: Unwatched, body: ResponseBody, init?: Init, callback: (outcome: Outcome) => void = () => {}) {
  const scope = openScope(unwatched);
  const response = runInScope(scope, false, () => new ResponseThen(body, callback, init));
  const { ending } = stateOf(response) as State;
  return { response, end: () => ending.end({ type: "completed" }, response) };
}

const bodies: readonly [string, () => NonNullable<ResponseBody>][] = [
  ["a string", () => "héllo 😀"],
  ["an empty string", () => ""],
  ["bytes", () => new Uint8Array([1, 2, 3])],
  ["a part of a buffer", () => new DataView(new ArrayBuffer(8), 2, 3)],
  ["an ArrayBuffer", () => new ArrayBuffer(4)],
  ["a Blob", () => new Blob(["x"], { type: "text/weird" })],
  ["a Blob without a type", () => new Blob(["x"])],
  ["URLSearchParams", () => new URLSearchParams({ a: "b c" })],
];

const inits: readonly [string, () => Init][] = [
  ["no init", () => undefined],
  ["an empty init", () => ({})],
  ["a status", () => ({ status: 201, statusText: "Yes" })],
  ["a content-type", () => ({ headers: { "Content-Type": "x/y" } })],
  ["Headers", () => ({ headers: new Headers({ a: "b" }) })],
  [
    "pairs of headers",
    () => ({
      headers: [
        ["set-cookie", "a"],
        ["set-cookie", "b"],
      ],
    }),
  ],
  ["headers without a prototype", () => ({ headers: Object.assign(Object.create(null), { a: "b" }) })],
  ["a Response", () => new Response("other", { status: 202, headers: { a: "b" } })],
];

const bytesOf = async (response: Response) => [...new Uint8Array(await response.arrayBuffer())];
const kindOf = (response: Response) => thrownBy(() => response.body?.getReader({ mode: "byob" }).releaseLock());

/** What can be asked of a response. A failure counts by its name: platforms word it as they like. */
const questions: readonly [string, (response: Response) => unknown][] = [
  ["the head", (r) => [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, [...r.headers]]],
  ["headers, twice", (r) => new Set([r.headers, r.headers]).size],
  ["headers after body", (r) => [r.body === null, [...r.headers]]],
  ["a header deleted", (r) => [r.headers.delete("content-type"), [...r.headers]]],
  [
    "body, twice",
    (r) => [r.body instanceof ReadableStream, new Set([r.body, r.body]).size, r.body?.locked, r.bodyUsed],
  ],
  ["the kind of body", kindOf],
  ["arrayBuffer()", async (r) => [await bytesOf(r), r.bodyUsed]],
  ["bytes()", async (r) => [...(await r.bytes())]],
  ["blob()", async (r) => [(await r.blob()).type, r.bodyUsed]],
  ["blob() of another type", async (r) => [r.headers.set("content-type", "q/r"), (await r.blob()).type]],
  ["formData()", async (r) => [...(await r.formData())]],
  ["json()", (r) => r.json()],
  ["text(), twice", async (r) => [await r.text(), await r.text()]],
  ["text() of a body that was locked", async (r) => [r.body?.getReader().releaseLock(), await r.text()]],
  ["text() of a canceled body", async (r) => [await r.body?.cancel(), r.bodyUsed, await r.text()]],
  ["text() of a body begun", async (r) => [await readOne(r), r.bodyUsed, await r.text()]],
  ["both branches of a tee", async (r) => Promise.all((r.body?.tee() ?? []).map((half) => new Response(half).text()))],
  ["a pipe", (r) => new Response(r.body?.pipeThrough(new TransformStream())).text()],
  ["a response made of it", async (r) => [[...new Response(r.body, r).headers], await new Response(r.body, r).text()]],
  ["clone()", async (r) => [[...r.clone().headers], await bytesOf(r.clone()), r.bodyUsed, await bytesOf(r)]],
  ["clone() after body", async (r) => [r.body === null, await bytesOf(r.clone()), await bytesOf(r)]],
  ["its own members", (r) => [Object.keys(r), { ...r }]],
];

async function readOne(response: Response) {
  const reader = response.body?.getReader();
  await reader?.read();
  reader?.releaseLock();
}

async function answerOf(ask: () => unknown) {
  try {
    return await ask();
  } catch (error) {
    return (error as Error).name;
  }
}

describe.for(ways)("a body that is %s is to the handler as that of the plain Response", ([, unwatched]) => {
  describe.for(bodies)("%s", ([, makeBody]) => {
    test.for(inits)("with %s", async ([, makeInit]) => {
      for (const [what, ask] of questions) {
        const { response, end } = build(unwatched, makeBody(), makeInit());
        const plain = await answerOf(() => ask(new Response(makeBody(), makeInit())));
        expect([what, await answerOf(() => ask(response))]).toEqual([what, plain]);
        end();
      }
    });
  });

  test("also where status and headers are inherited, or made by a class", async () => {
    class Made {
      get headers() {
        return { k: "v" };
      }
    }
    for (const init of [Object.create({ status: 203, headers: { p: "q" } }), new Made()] as ResponseInit[]) {
      const { response, end } = build(unwatched, "data", init);
      const plain = new Response("data", init);
      expect([response.status, [...response.headers]]).toEqual([plain.status, [...plain.headers]]);
      end();
    }
  });

  test("and refuses what that refuses, at the call", () => {
    const wrong = [{ status: 99 }, { status: 204 }, { headers: { "a b": "c" } }, { headers: { a: "b\nc" } }];
    for (const init of wrong) {
      expect(() => build(unwatched, "data", init)).toThrow();
      expect(() => new Response("data", init)).toThrow();
    }
  });
});

describe("what is asked of a body late", () => {
  test.for(ways)("is watched from then on (%s)", async ([, unwatched]) => {
    const events: unknown[] = [];
    const { response } = build(unwatched, "data", { status: 201 }, into(events, "own"));
    const state = stateOf(response) as State;
    expect([state.body, state.stream, state.asked]).toEqual([undefined, undefined, undefined]);
    const { body } = response;
    expect([state.body?.begun, state.asked, stateOfBody(body) === state]).toEqual([false, true, true]);
    events.push(await new Response(body).text());
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "pulled", 201]]);
  });

  test.for(ways)("and canceled is held back until the request is answered (%s)", async ([, unwatched]) => {
    const events: unknown[] = [];
    const { response } = build(unwatched, "data", {}, into(events, "own"));
    await response.body?.cancel(new Error("etag"));
    await macrotask();
    const { ending } = stateOf(response) as State;
    const held = ending.letGo();
    expect([events, held]).toMatchObject([[], { type: "canceled", reason: new Error("etag") }]);
    ending.end({ type: "completed" }, response);
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200]]);
  });

  test("and read by a method of a deferred response ends it; each method reads it once", async () => {
    for (const read of ["arrayBuffer", "blob", "bytes", "text"] as const) {
      const events: unknown[] = [];
      const { response } = build(DEFERRED, "data", {}, into(events, "own"));
      await response[read]();
      await settle();
      expect([response.bodyUsed, events]).toEqual([true, [["own", "completed", "pulled", 200]]]);
      await expect(response[read]()).rejects.toThrow(TypeError);
    }
  });

  test("leaves a response of null as it is", async () => {
    const { response, end } = build(DEFERRED, null, { status: 204 });
    expect([response.body, response.bodyUsed, [...response.headers], await response.text()]).toEqual([
      null,
      false,
      [],
      "",
    ]);
    end();
  });
});

describe("stateOf", () => {
  test("knows a response of ours, and no other", async () => {
    const { response, end } = build(DEFERRED, "data");
    expect(stateOf(response)).toBeDefined();
    expect([stateOf(new Response("data")), stateOf(response.clone()), stateOfBody(null)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    end();
  });

  test("is undefined for a LateBody that was given none, which is to its reader a Response all the same", async () => {
    const late = new LateBody("data", { status: 201 }, undefined);
    expect([stateOf(late), late.status, await late.text()]).toEqual([undefined, 201, "data"]);
  });
});

describe("answerFor a deferred response", () => {
  const answer = async (response: Response, content = "data") => {
    const sent = answerFor(response, content) as Response;
    return [sent.constructor.name, sent.status, sent.statusText, [...sent.headers], await sent.text()];
  };
  const TEXT = ["content-type", "text/plain;charset=UTF-8"];

  test("is a plain one, with the head as it was given", async () => {
    const { response, end } = build(DEFERRED, "data", { status: 201, statusText: "Yes", headers: { a: "b" } });
    expect(await answer(response)).toEqual(["Response", 201, "Yes", [["a", "b"], TEXT], "data"]);
    expect(response.bodyUsed).toBe(false);
    end();
    const bare = build(DEFERRED, "data");
    expect(await answer(bare.response)).toEqual(["Response", 200, "", [TEXT], "data"]);
    bare.end();
  });

  test.for<[string, (response: Response) => unknown, string[][]]>([
    ["set", (r) => r.headers.set("a", "c"), [["a", "c"], TEXT]],
    ["deleted", (r) => r.headers.delete("a"), [TEXT]],
    ["appended", (r) => r.headers.append("a", "c"), [["a", "b, c"], TEXT]],
    ["appended as cookies", (r) => r.headers.append("set-cookie", "x"), [["a", "b"], TEXT, ["set-cookie", "x"]]],
    [
      "replaced: the content-type",
      (r) => r.headers.set("content-type", "x/y"),
      [
        ["a", "b"],
        ["content-type", "x/y"],
      ],
    ],
    ["set, beside those that were given", ({ headers }) => headers.set("b", "c"), [["a", "b"], ["b", "c"], TEXT]],
  ])("has the headers that the handler %s", async ([, change, wanted]) => {
    const { response, end } = build(DEFERRED, "data", { headers: { a: "b" } });
    change(response);
    expect((await answer(response))[3]).toEqual(wanted);
    end();
  });

  // As the plain response takes them: what was given may change after the call.
  test.for<[string, () => { init: ResponseInit; change: () => void }]>([
    [
      "an object",
      () => {
        const headers: Record<string, string> = { a: "b" };
        return {
          init: { headers },
          change() {
            headers.a = "c";
            headers.b = "d";
          },
        };
      },
    ],
    [
      "Headers",
      () => {
        const headers = new Headers({ a: "b" });
        return { init: { headers }, change: () => headers.set("a", "c") };
      },
    ],
    [
      "pairs",
      () => {
        const headers: [string, string][] = [["a", "b"]];
        return {
          init: { headers },
          change() {
            headers.push(["c", "d"]);
            (headers[0] as string[])[1] = "c";
          },
        };
      },
    ],
    [
      "those of another response",
      () => {
        const init = new Response(null, { headers: { a: "b" } });
        return { init, change: () => init.headers.set("a", "c") };
      },
    ],
    [
      "an init that is used again",
      () => {
        const init = { status: 200, statusText: "", headers: { a: "b" } as Record<string, string> };
        return {
          init,
          change() {
            init.status = 500;
            init.statusText = "No";
            init.headers = {};
          },
        };
      },
    ],
  ])("keeps what was given as %s, whatever becomes of that", async ([, make]) => {
    const { init, change } = make();
    const { response, end } = build(DEFERRED, "data", init);
    change();
    expect(await answer(response)).toEqual(["Response", 200, "", [["a", "b"], TEXT], "data"]);
    end();
  });

  test("is none for a response that is not deferred, and for one that is not ours", () => {
    const { response, end } = build(SMALL, "data");
    expect([answerFor(response, "data"), answerFor(new Response("data"), "data")]).toEqual([undefined, undefined]);
    end();
  });
});

// Each of them was otherwise.
describe("is as the plain Response", () => {
  // Its clone was empty, and nothing said so.
  test.for(questionsOfUsed())("in clone() of a deferred body %s, which throws", async ([, use]) => {
    const { response, end } = build(DEFERRED, "data");
    await use(response);
    end();
    expect(() => response.clone()).toThrow(TypeError);
  });

  test.for(ways)("in clone() of a locked body, which throws (%s)", async ([, unwatched]) => {
    const { response, end } = build(unwatched, "data");
    response.body?.getReader();
    end();
    expect(() => response.clone()).toThrow(TypeError);
  });

  test("in text() of a body that somebody reads, which rejects (unwatched)", async () => {
    const { response, end } = build(SMALL, "data");
    response.body?.getReader();
    end();
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  test("in text() of a body that was looked at, which ends the response (unwatched)", async () => {
    const events: unknown[] = [];
    const { response, end } = build(SMALL, "data", {}, into(events, "own"));
    if (response.body) events.push(await response.text());
    await macrotask();
    await settle();
    end();
    expect(events).toEqual(["data", ["own", "completed", "pulled", 200]]);
  });

  test("in an init of null, which is as none (deferred)", () => {
    build(DEFERRED, "data", null as unknown as Init).end();
  });

  test("in a status that is a string, which is as its number: 204 has no body (deferred)", () => {
    const make = () => build(DEFERRED, "data", { status: "204" as unknown as number }).end();
    expect(make).toThrow(TypeError);
  });

  test.for(ways)("in clone() after a content-type was deleted, which stays away (%s)", ([, unwatched]) => {
    const { response, end } = build(unwatched, "data");
    response.headers.delete("content-type");
    end();
    expect([...response.clone().headers]).toEqual([]);
  });

  test("in its answer after a content-type was deleted, which stays away (deferred)", () => {
    const { response, end } = build(DEFERRED, "data");
    response.headers.delete("content-type");
    end();
    expect([...(answerFor(response, "data") as Response).headers]).toEqual([]);
  });
});

function questionsOfUsed(): [string, (response: Response) => Promise<unknown>][] {
  return [
    ["that was read", (response) => response.text()],
    ["that was begun", readOne],
    ["that was canceled", (response) => (response.body as ReadableStream).cancel()],
  ];
}
