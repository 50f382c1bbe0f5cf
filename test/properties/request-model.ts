import fc from "fast-check";
import { record } from "./values.ts";

/** One of the responses that a handler builds; `awaits` says what passes before. */
export interface BuiltModel {
  readonly body: "nothing" | "a text" | "a stream" | "a stream that fails";
  readonly awaits: "nothing" | "a microtask" | "a macrotask";
  /** Whether the handler reads it to its end, unless it answers with it. */
  readonly isRead: boolean;
}

/** A request, its handler, its client, and what the platform tells. */
export interface RequestModel {
  readonly method: "GET" | "HEAD";
  readonly builds: readonly BuiltModel[];
  /** What it answers, or that it throws; with the number of one of the responses that it built. */
  readonly answers: readonly ["throws" | "a plain one" | "a plain one of nothing"] | readonly [Answer, number];
  /** Late: longer than what was dropped is waited for after the end of what was sent. */
  readonly client: "reads" | "reads late" | "cancels" | "had left";
  /** What tells of the end: the body alone; as on Bun, which takes fixed bodies; as on Node, which says when it flushed. */
  readonly platform: "tells nothing" | "takes fixed bodies" | "tells when flushed";
  /** Whether the wrapper has a callback of its own. */
  readonly callback: boolean;
}

type Answer = "one that it built" | "one, wrapped by Response" | "one, wrapped by ResponseThen.from";

const built: fc.Arbitrary<BuiltModel> = record<BuiltModel>({
  body: fc.constantFrom("nothing", "a text", "a text", "a stream", "a stream that fails"),
  awaits: fc.constantFrom("nothing", "nothing", "a microtask", "a macrotask"),
  isRead: fc.constantFrom(false, false, true),
});

export const requestModel: fc.Arbitrary<RequestModel> = fc.array(built, { maxLength: 3 }).chain((builds) => {
  const none = fc.constantFrom(["throws"], ["a plain one"], ["a plain one of nothing"]) as fc.Arbitrary<
    RequestModel["answers"]
  >;
  const one = fc.tuple(
    fc.constantFrom<Answer>("one that it built", "one, wrapped by Response", "one, wrapped by ResponseThen.from"),
    fc.nat({ max: Math.max(0, builds.length - 1) }),
  );
  return record<RequestModel>({
    method: fc.constantFrom("GET", "GET", "HEAD"),
    builds: fc.constant(builds),
    answers: builds.length === 0 ? none : fc.oneof(none, { weight: 2, arbitrary: one }),
    client: fc.constantFrom("reads", "reads late", "cancels", "had left"),
    platform: fc.constantFrom("tells nothing", "takes fixed bodies", "tells when flushed"),
    callback: fc.boolean(),
  });
});
