import { expect, test } from "vitest";

interface Words {
  gapInWords(
    ended: { type: string; observed: string; at: number },
    browser: { what: "end" | "aborted" | "broke off"; at: number },
  ): string;
}

const { gapInWords } = (await import(new URL("../../demo/page/words.js", import.meta.url).href)) as Words;

test.each<[type: string, observed: string, what: "end" | "aborted" | "broke off", later: number, words: string]>([
  ["completed", "flushed", "end", 3, "The browser had the end 3 ms after the server."],
  ["completed", "flushed", "end", 4_968, "The browser had the end 4,968 ms after the server: flushed is not received."],
  ["completed", "handed-over", "end", 0, "Both had the end in the same millisecond."],
  ["completed", "flushed", "end", -2, "The server knew of the end 2 ms after the browser had it."],
  ["canceled", "pulled", "aborted", -18, "The server knew 18 ms later that you had left."],
  ["canceled", "pulled", "aborted", 1, "The server knew 0 ms later that you had left."],
  ["completed", "pulled", "aborted", -9, "The server did not see that you had left: pulled is not received."],
  [
    "completed",
    "flushed",
    "aborted",
    1_200,
    "Too late: the server had flushed the end 1,200 ms before you left. Flushed is not received.",
  ],
  ["errored", "pulled", "broke off", 3, "In the browser it broke off 3 ms after the source had failed."],
  ["errored", "pulled", "end", 3, "To the browser it looks whole: only the server knows that the source failed."],
])("%s, %s, and in the browser %s, %s ms later: %s", (type, observed, what, later, words) => {
  expect(gapInWords({ type, observed, at: 1_000 }, { what, at: 1_000 + later })).toBe(words);
});
