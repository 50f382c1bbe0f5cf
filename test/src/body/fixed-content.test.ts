import { describe, expect, test } from "vitest";
import type { ResponseBody } from "../../../src/body/content.ts";
import { copyOf, type FixedContent, toFixed } from "../../../src/body/content.ts";

const LIMIT = 8;

const taken = async (content: FixedContent | undefined) =>
  content === undefined ? "watched" : [...new Uint8Array(await new Response(content).arrayBuffer())];

describe("toFixed", () => {
  test.for([
    ["a string", "12345678", "123456789"],
    ["a string, by its bytes and not by its length", "éééé", "ééééé"],
    ["an ArrayBuffer", new ArrayBuffer(8), new ArrayBuffer(9)],
    ["a view, by its own bytes and not by its buffer's", new Uint8Array(new ArrayBuffer(99), 5, 8), new Uint8Array(9)],
    ["a DataView", new DataView(new ArrayBuffer(9), 1), new DataView(new ArrayBuffer(9))],
    ["a Blob", new Blob(["12345678"]), new Blob(["123456789"])],
  ] as const)("takes %s, up to the limit and no further", async ([, within, beyond]) => {
    const plain = [...new Uint8Array(await new Response(within).arrayBuffer())];
    expect(await taken(toFixed(within, LIMIT))).toEqual(plain);
    expect(toFixed(beyond, LIMIT)).toBeUndefined();
  });

  // The bytes of these were not counted.
  test("takes URLSearchParams, up to the limit and no further", async () => {
    expect(await taken(toFixed(new URLSearchParams("a=345678"), LIMIT))).toEqual([...Buffer.from("a=345678")]);
    expect(toFixed(new URLSearchParams("a=3456789"), LIMIT)).toBeUndefined();
  });

  test.for(["", new Uint8Array(), new Blob([]), new URLSearchParams()])("takes an empty body: %o", (body) => {
    expect(toFixed(body, LIMIT)).toBeDefined();
  });

  test.for([
    ["null", null],
    ["undefined", undefined],
    ["a stream", new Blob(["1"]).stream()],
    ["FormData, whose boundary is chosen later", new FormData()],
  ] as const)("leaves %s to be watched", ([, body]) => {
    expect(toFixed(body, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  test("takes no array of bytes that was transferred away, and does not throw for it", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(await taken(toFixed(bytes, LIMIT))).toEqual([]);
    expect(await taken(toFixed(bytes.buffer, LIMIT))).toEqual([]);
  });

  // As the plain response takes it: the application may change its own after the call.
  test("takes what changes later as it is now", async () => {
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const view = new Uint8Array([4, 5, 6]);
    const params = new URLSearchParams("a=1");
    const contents = ([buffer, view, params] as ResponseBody[]).map((body) => toFixed(body, LIMIT));
    new Uint8Array(buffer).fill(9);
    view.fill(9);
    params.append("b", "2");
    expect(await Promise.all(contents.map(taken))).toEqual([[1, 2, 3], [4, 5, 6], [...Buffer.from("a=1")]]);
  });
});

describe("copyOf", () => {
  test.for([
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer, [1, 2, 3]],
    ["a part of a buffer", new Uint8Array([1, 2, 3, 4]).subarray(1, 3), [2, 3]],
    ["elements of several bytes", new Uint16Array([0x0201]), [1, 2]],
    ["a DataView", new DataView(new Uint8Array([1, 2, 3]).buffer, 1), [2, 3]],
    // Node's small Buffers share one pool.
    ["a Buffer", Buffer.from("ab"), [97, 98]],
  ] as const)("gives the bytes of %s, in a buffer of just that size", ([, bytes, wanted]) => {
    const copy = copyOf(bytes);
    expect([[...copy], copy.buffer.byteLength]).toEqual([wanted, wanted.length]);
    expect(copy.buffer).not.toBe("buffer" in bytes ? bytes.buffer : bytes);
  });
});
