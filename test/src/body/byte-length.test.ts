import { describe, expect, test } from "vitest";
import { byteLengthOf } from "../../../src/body/content.ts";

const encoded = (text: string) => new TextEncoder().encode(text).byteLength;

/** From each length that UTF-8 has, its first and its last; and both halves of a pair, alone. */
const units = ["\0", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\ud83d", "\udbff", "\ude00"];

describe("byteLengthOf a text is that of its UTF-8", () => {
  test.for(["", "Hello", "Grüße", "日本語", "\x7f\x80", "\u07ff\u0800", "\uffff"])("%j", (text) => {
    expect(byteLengthOf(text)).toBe(encoded(text));
  });

  // Each pair counted as 3 bytes, and an outcome told one byte too few for every emoji.
  test.for(["😀", "a😀b", "😀😀", "👨‍👩‍👧", "\u{10000}\u{10ffff}"])("%j, with pairs of surrogates", (text) => {
    expect(byteLengthOf(text)).toBe(encoded(text));
  });

  test.for(["\ud83d", "\ude00", "\ude00\ud83d", "a\ud83d", "\ud83da", "\udbff\ue000"])(
    "%j, where half of a pair is sent as U+FFFD",
    (text) => {
      expect(byteLengthOf(text)).toBe(encoded(text));
    },
  );

  test("however three code units of every kind follow each other", () => {
    const wrong: string[] = [];
    for (const first of units)
      for (const second of units)
        for (const third of units) {
          const text = first + second + third;
          if (byteLengthOf(text) !== encoded(text)) wrong.push(JSON.stringify(text));
        }
    expect(wrong).toEqual([]);
  });
});

describe("byteLengthOf", () => {
  test.for([
    ["an ArrayBuffer", new ArrayBuffer(5), 5],
    ["a view, by its own bytes and not by its elements or its buffer's", new Uint16Array(new ArrayBuffer(8), 2, 2), 4],
    ["a DataView", new DataView(new ArrayBuffer(8), 3), 5],
    ["a Blob", new Blob(["é"]), 2],
    ["URLSearchParams, as they are sent", new URLSearchParams({ name: "é b" }), "name=%C3%A9+b".length],
    ["an empty view", new Uint8Array(), 0],
  ] as const)("%s", ([, content, length]) => {
    expect(byteLengthOf(content)).toBe(length);
  });

  test.for([undefined, null, 5, true, {}, [1, 2], () => {}])("%o, which no server can send, is 0", (content) => {
    expect(byteLengthOf(content)).toBe(0);
  });
});
