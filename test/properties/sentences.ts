// What holds of every life of a response.
import { expect } from "vitest";
import type { Canceled, Outcome } from "../../src/index.ts";
import type { Life } from "./life.ts";

const PIECE = 65_536;

/** How many pieces chunks of these sizes are handed over in. */
const piecesOf = (sizes: readonly number[]) =>
  sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / PIECE)), 0);

/** Every callback ran once, in order, with the one outcome, and not before the end. */
export function assertCallbacks({ watched, outcomes, early }: Life): void {
  expect(early, "nothing is told while the body is open").toEqual([]);
  const [first] = watched;
  watched.forEach(({ told, tooSoon }, i) => {
    // What reads its source on after its reader left is, for the one around it, a producer that has stopped.
    if (!first?.consumes || i === 0) expect(tooSoon, "callbacks wait until the producer has stopped").toBe(false);
    expect(
      told.map(([callback]) => callback),
      "callbacks once each, in order",
    ).toEqual([1, 2, 3]);
    expect(
      told.every(([, outcome]) => outcome === outcomes[i]),
      "the outcome of finished",
    ).toBe(true);
  });
}

/** The facts of an outcome agree with each other, and with what the reader got. */
export function assertFacts({ reading, source, model }: Life, outcome: Outcome, last: boolean): void {
  const { bytes, chunks, type, firstByteTime, duration, observed } = outcome;
  expect(observed).toBe(source.body === null ? "handed-over" : "pulled");
  expect(firstByteTime === undefined, "firstByteTime comes with the first byte").toBe(bytes === 0);
  expect(duration).toBeGreaterThanOrEqual(0);
  if (type !== "completed") expect(outcome.phase).toBe(bytes > 0 ? "mid-body" : "before-body");
  // A reader that takes piece by piece gets all that is counted; an outer response may have taken one piece more.
  const { pending = false } = model.reader as { pending?: boolean };
  const [got, pieces] = [reading.bytes.length, reading.pieces.length];
  if (reading.asked !== undefined && (last || !pending)) expect([bytes, chunks]).toEqual([got, pieces]);
  else if (reading.asked !== undefined)
    expect([chunks - pieces, bytes >= got]).toEqual([expect.toBeOneOf([0, 1]), true]);
  const { content, sizes } = source;
  if (content === undefined) return;
  expect(bytes).toBeLessThanOrEqual(content.length);
  if (type !== "completed") return;
  expect(bytes).toBe(content.length);
  if (source.cutByUs) expect(chunks).toBe(piecesOf(sizes));
}

/** The reader got what the source gave: all of it, or a part from the beginning. */
export function assertContent({ reading, source, model: { reader } }: Life): void {
  const { content } = source;
  if (content === undefined || source.body === null) return;
  const text = reader.reads === "all" && reader.by === "text";
  const given = text ? Buffer.from(new TextDecoder().decode(content)) : content;
  const got = reading.bytes;
  const expected = reading.end === "done" ? given : given.subarray(0, got.length);
  expect(got.equals(expected), `${got.length} bytes of what the source gave`).toBe(true);
}

/** The response ended as its reader and its source did. */
export function assertType(life: Life, outcome: Outcome, consumes: boolean): void {
  const { reading } = life;
  if (reading.end === "done") expect(outcome.type).toBe("completed");
  else if (reading.end === "failed") assertFailed(life, outcome);
  else if (outcome.type === "completed") assertOvertaken(life, outcome);
  else assertCanceled(life, outcome as Canceled, consumes);
}

/** The reader canceled while it waited for what turned out to be the end, which had come just before. */
function assertOvertaken({ reading, source, model: { reader } }: Life, outcome: Outcome): void {
  expect(reader, "a reader with a read under way").toMatchObject({ pending: true });
  expect([outcome.bytes, ["open", "closed"].indexOf(reading.stateAtCancel as string)]).toEqual([
    source.content?.length ?? outcome.bytes,
    source.stream ? 1 : 0,
  ]);
}

function assertFailed({ reading, source, swept }: Life, outcome: Outcome): void {
  const gaveUp = reading.error instanceof DOMException && reading.error.name === "AbortError";
  expect(outcome.type, `the reader saw ${String(reading.error)}`).toBe(gaveUp ? "canceled" : "errored");
  const error = outcome.type === "errored" ? outcome.error : (outcome as Canceled).reason;
  expect(Object.is(error, reading.error), "the very error that the reader saw").toBe(true);
  const errors = [source.error, swept];
  expect(
    errors.some((error) => Object.is(error, reading.error)),
    "an error of the source",
  ).toBe(true);
}

function assertCanceled({ reading, source, swept, cloned, model }: Life, outcome: Canceled, consumes: boolean): void {
  const { reason, consumed } = outcome;
  expect(outcome.type).toBe("canceled");
  expect(reason).toBeInstanceOf(Error);
  const { body, onCancel } = model;
  const mayFail = reading.stateAtCancel === "failed" || ("stream" in body && failsToStop(body.canceling));
  // What the source failed with by being canceled is the cause. A clone, or a response around it, may keep it from that.
  const mustFail =
    mayFail &&
    !cloned &&
    model.wraps.length === 0 &&
    "stream" in body &&
    onCancel === "cancel" &&
    !consumes &&
    reading.stateAtCancel !== "closed";
  const failed = [source.error, source.cancelError, swept].includes(reason.cause);
  if (mustFail) expect(failed, "the failure is the cause").toBe(true);
  if (failed) expect(reason.message).toBe(reading.reason instanceof Error ? reading.reason.message : reason.message);
  else if (reading.reason instanceof Error) expect(reason).toBe(reading.reason);
  else {
    expect(reason.name).toBe("AbortError");
    assertSame(reason.cause, reading.reason);
  }
  // Nothing takes 5 s here.
  expect(outcome.released, "the producer had stopped").toBe(true);
  expect(consumed !== undefined, "consumed comes with onCancel: consume").toBe(consumes && source.isStream);
  if (cloned || !("stream" in body)) return;
  if (!consumed) return;
  expect(consumed.whole).toBe(body.end === "closes" && reading.stateAtCancel !== "failed");
  if (!consumed.whole || source.sizes.some((size) => size > PIECE)) return;
  expect(consumed.bytes).toBe((source.content as Buffer).length - outcome.bytes);
}

function failsToStop(canceling: string): boolean {
  return !canceling.startsWith("fulfils");
}

/** The source was let go of, once, and not read further than it had to be. */
export function assertSource(life: Life): void {
  const { source, reading, pulls, cloned, model } = life;
  const { body } = model;
  if (!("stream" in body)) return;
  const { reasons, stream } = source;
  expect(reasons.length, "the source is canceled once at most").toBeLessThanOrEqual(1);
  if (cloned) return;
  expect(stream?.locked, "the lock of the source is freed").toBe(false);
  expect(source.pulls, "nothing is pulled after the end").toBe(pulls);
  const [first] = life.outcomes as [Outcome];
  const consumed = first.type === "canceled" ? first.consumed : undefined;
  const consumes = model.onCancel === "consume";
  if (body.ahead === 0 && reading.asked !== undefined && !(consumes && reading.end === "canceled"))
    expect(source.pulls, "nothing is pulled ahead of the reader").toBeLessThanOrEqual(reading.asked);
  const expected =
    reading.end === "canceled" &&
    (consumes ? consumed?.whole === false && body.end === "stays open" : reading.stateAtCancel === "open");
  // It has closed, and there may be chunks in its queue.
  const queued = body.ahead > 0 && reading.stateAtCancel === "closed";
  if (!queued) expect(reasons.length, `the source, ${reading.stateAtCancel}, is canceled`).toBe(expected ? 1 : 0);
  if (reasons.length > 0) assertSame(reasons[0], reading.reason);
}

/** The very value; of a tee's two reasons, which it puts into an array, each. */
function assertSame(value: unknown, expected: unknown): void {
  const pairs = Array.isArray(expected)
    ? expected.map((one, i) => [(value as unknown[])[i], one])
    : [[value, expected]];
  expect(
    pairs.every(([one, other]) => Object.is(one, other)),
    "the reason as it was given",
  ).toBe(true);
}
