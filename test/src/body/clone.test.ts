import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";
import { type Outcome, ResponseThen } from "../../../src/index.ts";
import { thrownBy } from "../../thrown-by.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

type Event = string | readonly unknown[];

const KINDS = [undefined, "bytes"] as const;
const nothing = () => {};
const numbers = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

/** A source of `chunks`, pulled one by one, that notes its cancel in `events`. */
function streamOf(events: Event[], chunks: (Uint8Array | Error)[], type?: "bytes"): ReadableStream {
  const rest = [...chunks];
  const source = {
    type,
    pull(controller: ReadableStreamController<unknown>) {
      const chunk = rest.shift();
      if (chunk instanceof Error) controller.error(chunk);
      else if (chunk) controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      else controller.close();
    },
    cancel: (reason: unknown) => void events.push(["source canceled", reason]),
  };
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

/** A callback that notes its outcome in `events`. */
const noteIn =
  (events: Event[]) =>
  ({ type, bytes }: Outcome) =>
    void events.push(["callback", type, bytes]);

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const headOf = ({ status, statusText, headers }: Response) => ({ status, statusText, headers: [...headers] });

function isByteStream(response: Response): boolean {
  try {
    response.body?.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

const bodies: [name: string, make: (events: Event[]) => BodyInit][] = [
  ["a string", () => "x".repeat(200_000)],
  ["an empty string", () => ""],
  ["bytes", () => numbers(200_000)],
  ["a Blob", () => new Blob([numbers(200_000)])],
  ["a stream", (events) => streamOf(events, [numbers(3), numbers(100_000), numbers(1)])],
  ["a byte stream", (events) => streamOf(events, [numbers(3), numbers(100_000), numbers(1)], "bytes")],
];

describe.for(bodies)("clone of a response with %s", ([, make]) => {
  const init = { status: 201, statusText: "Made", headers: { "x-a": "1" } };

  test("is a plain Response with the same head", async () => {
    const response = new ResponseThen(make([]), nothing, init);
    response.headers.append("x-later", "2");
    const clone = response.clone();
    expect(clone).toBeInstanceOf(Response);
    expect(clone).not.toBeInstanceOf(ResponseThen);
    expect(headOf(clone)).toEqual(headOf(response));
    clone.headers.set("x-a", "other");
    expect(response.headers.get("x-a")).toBe("1");
    expect([clone.bodyUsed, response.bodyUsed]).toEqual([false, false]);
    await Promise.all([clone.text(), response.text()]);
    await response.finished;
  });

  test("read to its end does not end the original, which completes when it is read", async () => {
    const events: Event[] = [];
    const wanted = await bytesOf(new Response(make([])));
    const response = new ResponseThen(make(events), noteIn(events), init);
    const clone = response.clone();
    expect(await bytesOf(clone)).toEqual(wanted);
    await pause(5);
    events.push("clone read");
    expect(response.bodyUsed).toBe(false);
    expect(await bytesOf(response)).toEqual(wanted);
    const outcome = await response.finished;
    expect(outcome.response).toBe(response);
    expect(events).toEqual(["clone read", ["callback", "completed", wanted.byteLength]]);
  });

  test("may be read after the original, and at the same time", async () => {
    const events: Event[] = [];
    const wanted = await bytesOf(new Response(make([])));
    const after = new ResponseThen(make(events), noteIn(events));
    const late = after.clone();
    expect(await bytesOf(after)).toEqual(wanted);
    await after.finished;
    expect(await bytesOf(late)).toEqual(wanted);
    const beside = new ResponseThen(make(events), noteIn(events));
    const both = await Promise.all([beside.clone(), beside].map(bytesOf));
    expect(both).toEqual([wanted, wanted]);
    await beside.finished;
    expect(events).toEqual(Array(2).fill(["callback", "completed", wanted.byteLength]));
  });

  test("may be made several times, and of a clone", async () => {
    const events: Event[] = [];
    const wanted = await bytesOf(new Response(make([])));
    const response = new ResponseThen(make(events), noteIn(events));
    const clones = [response.clone(), response.clone(), response.clone()];
    clones.push((clones[1] as Response).clone());
    for (const clone of clones) expect(await bytesOf(clone)).toEqual(wanted);
    expect(events).toEqual([]);
    expect(await bytesOf(response)).toEqual(wanted);
    await response.finished;
    expect(events).toEqual([["callback", "completed", wanted.byteLength]]);
  });

  test("keeps both bodies the kind of stream they were", async () => {
    const plain = isByteStream(new Response(make([])));
    const response = new ResponseThen(make([]), nothing);
    const clone = response.clone();
    expect([isByteStream(response), isByteStream(clone)]).toEqual([plain, plain]);
    await Promise.all([clone.text(), response.text()]);
    await response.finished;
  });

  test("still gives pieces of at most 64 KiB from the original", async () => {
    const response = new ResponseThen(make([]), nothing);
    const clone = response.clone();
    const sizes = [0];
    for await (const { byteLength } of response.body ?? []) sizes.push(byteLength);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
    await clone.text();
    await response.finished;
  });

  // A reader that transfers what it reads must not take it from the other.
  test("shares no buffer with the original where the body is of bytes", async () => {
    const wanted = await bytesOf(new Response(make([])));
    const response = new ResponseThen(make([]), nothing);
    const clone = response.clone();
    if (isByteStream(clone)) {
      for await (const { buffer } of clone.body ?? []) structuredClone(buffer, { transfer: [buffer] });
    } else await clone.text();
    expect(await bytesOf(response)).toEqual(wanted);
    await response.finished;
  });

  // The platform cancels the body of a fetched or cloned response that is collected: not that of ours.
  test("survives a garbage collection before it is read", async () => {
    const events: Event[] = [];
    const wanted = await bytesOf(new Response(make([])));
    const response = new ResponseThen(make(events), noteIn(events));
    const clone = response.clone();
    for (let i = 0; i < 5; i++) {
      gc();
      await turn();
    }
    expect(events).toEqual([]);
    expect(await bytesOf(clone)).toEqual(wanted);
    expect(await bytesOf(response)).toEqual(wanted);
    await response.finished;
    expect(events).toEqual([["callback", "completed", wanted.byteLength]]);
  });

  test("of a used body throws as the native one", async () => {
    const [plain, response] = [new Response(make([])), new ResponseThen(make([]), nothing)];
    await Promise.all([plain.text(), response.text()]);
    expect(thrownBy(() => plain.clone())).toMatch(/^TypeError: ./);
    expect(thrownBy(() => response.clone())).toBe(thrownBy(() => plain.clone()));
    await response.finished;
    expect(thrownBy(() => response.clone())).toBe(thrownBy(() => plain.clone()));
  });

  test("of a body that is being read throws as the native one", async () => {
    const [plain, response] = [new Response(make([])), new ResponseThen(make([]), nothing)];
    plain.body?.getReader();
    const reader = (response.body as ReadableStream).getReader();
    expect(thrownBy(() => plain.clone())).toMatch(/^TypeError: ./);
    expect(thrownBy(() => response.clone())).toBe(thrownBy(() => plain.clone()));
    await reader.cancel();
    await response.finished;
  });
});

describe.for(KINDS)("clone of a response with a source of type %s", (type) => {
  test("does not lock the response, and canceling the clone does not end it", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(streamOf(events, [numbers(5), numbers(6)], type), noteIn(events));
    const clone = response.clone();
    expect(response.body?.locked).toBe(false);
    void clone.body?.cancel("the clone left");
    await pause(5);
    expect(events).toEqual([]);
    expect((await bytesOf(response)).byteLength).toBe(11);
    await response.finished;
    expect(events).toEqual([["callback", "completed", 11]]);
  });

  test("goes on when the original is canceled", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(streamOf(events, [numbers(5), numbers(6)], type), noteIn(events));
    const clone = response.clone();
    void response.body?.cancel("left");
    expect(await response.finished).toMatchObject({ type: "canceled", phase: "before-body" });
    expect((await bytesOf(clone)).byteLength).toBe(11);
    expect(events).toEqual([["callback", "canceled", 0]]);
  });

  test("and its original, both canceled, cancel the source once", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(streamOf(events, [numbers(5)], type), noteIn(events));
    const clone = response.clone();
    await Promise.all([clone.body?.cancel("one"), response.body?.cancel("two")]);
    await response.finished;
    expect(events.map(([name]) => name).sort()).toEqual(["callback", "source canceled"]);
    expect(events).toContainEqual(["callback", "canceled", 0]);
  });

  test("sees the error of the source, and so does the original", async () => {
    const events: Event[] = [];
    const error = new Error("source failed");
    const response = new ResponseThen(streamOf(events, [numbers(5), error], type), noteIn(events));
    const clone = response.clone();
    expect(await clone.text().catch((error) => error)).toBe(error);
    expect(await response.text().catch((error) => error)).toBe(error);
    expect(await response.finished).toMatchObject({ type: "errored", error, response });
    expect(events.at(-1)?.[1]).toBe("errored");
  });

  test("of a re-wrapped body goes the platform's way, and the callback runs once", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(streamOf(events, [numbers(5)], type), noteIn(events));
    const rewrapped = new Response(response.body, response);
    const clone = rewrapped.clone();
    expect([(await bytesOf(clone)).byteLength, (await bytesOf(rewrapped)).byteLength]).toEqual([5, 5]);
    await response.finished;
    expect(events).toEqual([["callback", "completed", 5]]);
  });
});

describe("clone of a response without a body", () => {
  test.for([200, 204, 304])("with status %i has none either, before and after the end", async (status) => {
    const events: Event[] = [];
    const response = new ResponseThen(null, noteIn(events), { status, headers: { a: "1" } });
    for (const clone of [response.clone(), await response.finished.then(() => response.clone())]) {
      expect(clone).not.toBeInstanceOf(ResponseThen);
      expect(headOf(clone)).toEqual(headOf(response));
      expect(clone.body).toBe(null);
      expect(await clone.text()).toBe("");
    }
    expect(events).toEqual([["callback", "completed", 0]]);
  });
});

describe("clone of a response of from()", () => {
  const server = createServer((request, reply) => {
    if (request.url === "/moved") reply.writeHead(302, { location: "/target" }).end();
    else if (request.url === "/movedempty") reply.writeHead(302, { location: "/empty" }).end();
    else if (request.url === "/empty") reply.writeHead(204, { "x-a": "1" }).end();
    else reply.writeHead(200, { "x-a": "1" }).end("target");
  });
  const started = new Promise<string>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test("keeps url, redirected, type and headers", async () => {
    const origin = await started;
    const response = ResponseThen.from(await fetch(`${origin}/moved`), nothing);
    const clone = response.clone();
    expect([clone.url, clone.redirected, clone.type]).toEqual([`${origin}/target`, true, "basic"]);
    expect(headOf(clone)).toEqual(headOf(response));
    expect([await clone.text(), await response.text()]).toEqual(["target", "target"]);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 6 });
  });

  // The way for null bodies must not lose what the way for bodies keeps.
  test("keeps url, redirected and type where there is no body", async () => {
    const origin = await started;
    const fetched = await fetch(`${origin}/movedempty`);
    const native = fetched.clone();
    const response = ResponseThen.from(fetched, nothing);
    const clone = response.clone();
    expect([native.url, native.redirected, native.type]).toEqual([`${origin}/empty`, true, "basic"]);
    expect([clone.url, clone.redirected, clone.type]).toEqual([native.url, native.redirected, native.type]);
    await response.finished;
  });

  // The fetched response is out of everybody's hands, and the platform cancels the body of one that is collected.
  test("and the response itself survive a garbage collection before they are read", async () => {
    const origin = await started;
    const response = ResponseThen.from(await fetch(`${origin}/target`), nothing);
    const clone = response.clone();
    for (let i = 0; i < 5; i++) {
      gc();
      await turn();
    }
    expect([await clone.text(), await response.text()]).toEqual(["target", "target"]);
    expect((await response.finished).type).toBe("completed");
  });
});
