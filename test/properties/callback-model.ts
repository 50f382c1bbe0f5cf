import fc from "fast-check";
import { record } from "./values.ts";

/** What a callback does, once it has begun. */
export type Deed =
  | "returns"
  | "fulfils a macrotask later"
  | "throws"
  | "rejects"
  | "rejects a macrotask later"
  | "returns a thenable that throws"
  | "hangs"
  | "hangs until its signal aborts"
  | "adds one more";

/** A function, or the members of an object: its own and its `finally`. */
export type CallbackModel = { readonly does: Deed } | { readonly does: Deed; readonly finally: Deed };

/** When callbacks are added. */
export const moments = ["in the constructor", "before the end", "after the end", "after finished"] as const;
export type Moment = (typeof moments)[number];

export interface CallbackLifeModel {
  readonly ends: "completed" | "canceled" | "errored" | "without a body";
  readonly callbacks: Readonly<Record<Moment, readonly CallbackModel[]>>;
  readonly onError: "is missing" | "returns" | "throws" | "rejects" | "hangs";
  /** A listener of all responses, and whether it unsubscribes before the end. */
  readonly listener: "none" | "stays" | "leaves";
  readonly listenerDoes: Deed;
  /** A `drain()` while the callbacks run, with its timeout. */
  readonly drains: "never" | 0 | 5_000;
}

const deed = fc.constantFrom<Deed>(
  "returns",
  "returns",
  "fulfils a macrotask later",
  "throws",
  "rejects",
  "rejects a macrotask later",
  "returns a thenable that throws",
  "hangs",
  "hangs until its signal aborts",
  "adds one more",
);

const callback: fc.Arbitrary<CallbackModel> = fc.oneof(record({ does: deed }), record({ does: deed, finally: deed }));
const several = (maxLength: number) => fc.array(callback, { maxLength });

export const callbackLifeModel: fc.Arbitrary<CallbackLifeModel> = record<CallbackLifeModel>({
  ends: fc.constantFrom("completed", "canceled", "errored", "without a body"),
  callbacks: record({
    "in the constructor": several(3),
    "before the end": several(2),
    "after the end": several(1),
    "after finished": several(2),
  }),
  onError: fc.constantFrom("is missing", "returns", "returns", "throws", "rejects", "hangs"),
  listener: fc.constantFrom("none", "stays", "leaves"),
  listenerDoes: deed,
  drains: fc.constantFrom<CallbackLifeModel["drains"]>("never", "never", "never", 0, 5_000),
});
