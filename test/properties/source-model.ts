import fc from "fast-check";
import { anyText, record, valueName } from "./values.ts";

/** A stream as the application makes it. */
export interface StreamModel {
  readonly stream: "default" | "bytes";
  /** How many chunks it makes before anybody asks. */
  readonly ahead: 0 | 1 | 3;
  /** Its chunks: text, or so many bytes; and what passes before each of them. */
  readonly chunks: readonly (readonly [chunk: number | string, after: Delay])[];
  readonly end: "closes" | "fails" | "stays open";
  readonly afterLast: Delay;
  readonly failsWith: string;
  /** What its cancel() does; late: some macrotasks after it was called. */
  readonly canceling: "fulfils" | "fulfils late" | "throws" | "rejects" | "rejects late";
}

/** A body that is all there, of a text or of so many bytes. */
export interface FixedModel {
  readonly fixed: "null" | "string" | "bytes" | "buffer" | "view" | "blob" | "params" | "form";
  readonly content: number | string;
}

export type BodyModel = StreamModel | FixedModel;

type Delay = "nothing" | "a microtask" | "a macrotask";

const delay = fc.constantFrom<Delay>("nothing", "nothing", "a microtask", "a macrotask");

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 65_534, max: 65_538 }) },
  { weight: 1, arbitrary: fc.integer({ min: 66_000, max: 200_000 }) },
);

const streamModel: fc.Arbitrary<StreamModel> = record({
  stream: fc.constantFrom("default", "default", "bytes"),
  ahead: fc.constantFrom(0, 0, 1, 3),
  chunks: fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: size }, { weight: 1, arbitrary: anyText }), delay), {
    maxLength: 6,
  }),
  end: fc.constantFrom("closes", "closes", "fails", "stays open"),
  afterLast: delay,
  failsWith: valueName,
  canceling: fc.constantFrom("fulfils", "fulfils", "fulfils late", "throws", "rejects", "rejects late"),
});

const fixedModel: fc.Arbitrary<FixedModel> = record({
  fixed: fc.constantFrom("null", "string", "bytes", "buffer", "view", "blob", "params", "form"),
  content: fc.oneof(size, anyText),
});

export const bodyModel: fc.Arbitrary<BodyModel> = fc.oneof(
  { weight: 5, arbitrary: streamModel },
  { weight: 2, arbitrary: fixedModel },
);
