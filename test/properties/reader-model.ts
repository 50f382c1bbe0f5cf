import fc from "fast-check";
import { record, valueName } from "./values.ts";

/** What the reader of a response does with its body. */
export type ReaderModel =
  | { readonly reads: "all"; readonly by: "arrayBuffer" | "blob" | "text" | "pipe" | "tee" | "for await" }
  | {
      readonly reads: "some";
      /** Before each read, whether a macrotask passes. */
      readonly pieces: readonly boolean[];
      /** Whether one more read is under way when it stops. */
      readonly pending: boolean;
      readonly last: "cancels" | "goes on to the end" | "stops for ever";
      readonly reason: string;
    }
  | {
      readonly reads: "byob";
      readonly views: readonly number[];
      readonly last: "cancels" | "goes on to the end";
      readonly reason: string;
    }
  | { readonly reads: "for await, and breaks"; readonly after: number }
  | { readonly reads: "both of a tee"; readonly cancels: "one" | "both"; readonly reason: string }
  | { readonly reads: "nothing, and cancels"; readonly reason: string }
  | { readonly reads: "nothing" };

const reason = valueName;

export const readerModel: fc.Arbitrary<ReaderModel> = fc.oneof(
  {
    weight: 4,
    arbitrary: record({
      reads: fc.constant("all" as const),
      by: fc.constantFrom("arrayBuffer" as const, "blob", "text", "pipe", "tee", "for await"),
    }),
  },
  {
    weight: 6,
    arbitrary: record({
      reads: fc.constant("some" as const),
      pieces: fc.array(fc.boolean(), { maxLength: 6 }),
      pending: fc.boolean(),
      last: fc.constantFrom("cancels" as const, "cancels", "goes on to the end", "stops for ever"),
      reason,
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      reads: fc.constant("byob" as const),
      views: fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 150_000 })), {
        minLength: 1,
        maxLength: 4,
      }),
      last: fc.constantFrom("cancels" as const, "goes on to the end"),
      reason,
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      reads: fc.constant("for await, and breaks" as const),
      after: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      reads: fc.constant("both of a tee" as const),
      cancels: fc.constantFrom("one" as const, "both"),
      reason,
    }),
  },
  { weight: 2, arbitrary: record({ reads: fc.constant("nothing, and cancels" as const), reason }) },
  { weight: 1, arbitrary: record({ reads: fc.constant("nothing" as const) }) },
);
