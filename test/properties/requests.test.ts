// Any handler in a wrapper, many requests at once.
import { expect, test } from "vitest";
import type { Outcome } from "../../src/index.ts";
import { holds, watchRejections } from "./property.ts";
import { ABANDON, RequestLife, textOf } from "./request-life.ts";
import { requestModel } from "./request-model.ts";

watchRejections();

test("every response that a wrapped handler builds ends once, as it should; so does the wrapper's callback", {
  timeout: 120_000,
}, async () => {
  await holds(requestModel, { runs: 150, together: 40 }, async (model) => {
    const life = new RequestLife(model);
    await life.live();
    const { told, shared, outer, failure, thrown, content } = life;
    expect(thrown).toBe(model.answers[0] === "throws" ? failure : undefined);
    expect(
      told.map(({ length }) => length),
      "one outcome each",
    ).toEqual(model.builds.map(() => 1));
    expect(shared.length, "the wrapper's callback").toBe(model.callback ? 1 : 0);
    told.forEach(([outcome], i) => {
      assertBuilt(life, i, outcome as Outcome);
    });
    const assertOuter = model.answers[0] === "throws" ? assertThrown : assertSent;
    for (const outcome of [...shared, ...outer]) assertOuter(life, outcome);
    if (content !== undefined) expect(content).toBe(contentOf(life));
  });
});

/** The number of the response whose body is sent. */
function indexOfSent({ model: { answers, builds } }: RequestLife): number | undefined {
  const [answer, index] = answers;
  // A body of null does not lead back to the response that it was taken from.
  const lost = answer === "one, wrapped by Response" && builds[index as number]?.body === "nothing";
  return lost ? undefined : index;
}

function contentOf(life: RequestLife): string {
  const index = indexOfSent(life);
  if (index === undefined) return life.model.answers[0] === "a plain one" ? "plain" : "";
  return life.model.builds[index]?.body === "nothing" ? "" : textOf(index);
}

function assertBuilt(life: RequestLife, index: number, outcome: Outcome): void {
  const { builds, answers } = life.model;
  expect(life.cancels[index], "the source is canceled once at most").toBeLessThanOrEqual(1);
  const failed = life.isRead(index) && builds[index]?.body === "a stream that fails";
  if (failed) assertFailed(life, outcome);
  else if (answers[0] === "throws") assertThrown(life, outcome);
  else if (index !== indexOfSent(life)) assertNotSent(life, index, outcome);
  else if (answers[0] !== "one, wrapped by ResponseThen.from") assertSent(life, outcome);
  // What the outer one does with a body that nobody reads is for the inner one a reader that leaves.
  else if (onlyHead(life) || life.model.client === "had left") expect(outcome.type).not.toBe("errored");
  else expect(outcome.type).toBe(builds[index]?.body === "nothing" ? "completed" : typeOf(life));
  if (!(index in life.rest) || isMadeInto(life, index)) return;
  expect(life.cancels[index], "the body of what is not sent is left alone").toBe(0);
  expect(life.rest[index], "and may still be read").toBe(restOf(life, index));
}

/** What is left of one that nobody has read. */
function restOf({ model: { builds }, sourceError }: RequestLife, index: number): unknown {
  const body = builds[index]?.body;
  if (body === "a stream that fails") return sourceError;
  return body === "nothing" ? "" : textOf(index);
}

/** Whether the client gets no body. */
function onlyHead(life: RequestLife): boolean {
  return life.model.method === "HEAD" || contentOf(life) === "";
}

function assertSent(life: RequestLife, outcome: Outcome): void {
  expect(outcome.type).toBe(typeOf(life));
  if (outcome.type === "errored") expect(outcome.error).toBe(life.sourceError);
  if (outcome.type === "canceled")
    expect(outcome.reason.message).toBe(outcome.bytes > 0 ? outcome.reason.message : "the client left");
  const { platform } = life.model;
  if (platform === "tells when flushed" && life.model.client !== "had left") expect(outcome.observed).toBe("flushed");
  if (platform !== "tells when flushed" && onlyHead(life)) expect(outcome.observed).toBe("handed-over");
}

/** How the response that is sent should end. */
function typeOf(life: RequestLife): Outcome["type"] {
  const { client, platform, builds, answers } = life.model;
  const tells = platform !== "tells nothing";
  const flushes = platform === "tells when flushed";
  if (client === "had left" && tells) return "canceled";
  if (onlyHead(life)) return flushes && !life.reads ? "canceled" : "completed";
  const index = indexOfSent(life);
  const body = index === undefined ? "a stream" : builds[index]?.body;
  // As it is, it goes out by itself, and nobody sees that the client leaves.
  const fixed = body === "a text" && answers[0] !== "one, wrapped by ResponseThen.from";
  if (!life.reads) return fixed && tells && !flushes ? "completed" : "canceled";
  return body === "a stream that fails" ? "errored" : "completed";
}

/** What was read by the handler, or made into what is sent, ends as that; all else is told some time after that. */
function assertNotSent(life: RequestLife, index: number, outcome: Outcome): void {
  const wasRead = life.isRead(index) && life.model.builds[index]?.body !== "nothing";
  if (wasRead || isMadeInto(life, index)) {
    assertSent(life, outcome);
    return;
  }
  expect([outcome.type, outcome.observed]).toEqual(["canceled", "handed-over"]);
  if (outcome.type !== "canceled") return;
  expect([outcome.reason.name, outcome.released, outcome.bytes]).toEqual(["AbandonedError", false, 0]);
  // A timer may be up to 1 ms early.
  expect((life.toldAt[index] as number) - life.endedAt, "ms after the end of what was sent").toBeGreaterThan(
    ABANDON - 2,
  );
}

/** Whether what is sent has no body, and seems to be made of this one: all that has one is canceled then. */
function isMadeInto({ model: { answers, builds, method } }: RequestLife, index: number): boolean {
  const [answer, of] = answers;
  const sendsHead = answer === "one, wrapped by Response" && builds[of as number]?.body === "nothing";
  const body = builds[index]?.body;
  // A text has a content-type, which is not in that head.
  return sendsHead && (body === "nothing" || (method === "HEAD" && body !== "a text"));
}

/** The handler has thrown; because its client had left, as far as the platform tells. */
function assertThrown({ failure, model }: RequestLife, outcome: Outcome): void {
  expect(outcome.observed).toBe("handed-over");
  if (model.client === "had left" && model.platform !== "tells nothing") {
    expect(outcome.type === "canceled" && outcome.reason.message).toBe("the client left");
  } else expect(outcome.type === "errored" && outcome.error).toBe(failure);
}

/** Its source failed while the handler read it. */
function assertFailed({ sourceError }: RequestLife, outcome: Outcome): void {
  expect(outcome.type === "errored" && outcome.error).toBe(sourceError);
}
