import fc from "fast-check";
import { type ReaderModel, readerModel } from "./reader-model.ts";
import { type BodyModel, bodyModel } from "./source-model.ts";
import { record } from "./values.ts";

/** The life of a response: how it is built, what is made of it, and how it is read. */
export interface LifeModel {
  readonly body: BodyModel;
  readonly onCancel: "cancel" | "consume";
  /** What is made of the response before it is read. */
  readonly wraps: readonly ("Response" | "ResponseThen" | "from")[];
  readonly clone: "none" | CloneModel;
  readonly reader: ReaderModel;
}

/** Which of our responses is cloned, before the wraps or after, and what becomes of the clone. */
interface CloneModel {
  readonly of: "the first" | "the last";
  readonly is: "read first" | "read meanwhile" | "never read" | "canceled";
}

const anyLife: fc.Arbitrary<LifeModel> = record({
  body: bodyModel,
  onCancel: fc.constantFrom("cancel", "cancel", "cancel", "consume"),
  wraps: fc.array(fc.constantFrom("Response", "ResponseThen", "from"), { maxLength: 3 }),
  clone: fc.oneof(
    { weight: 3, arbitrary: fc.constant("none" as const) },
    {
      weight: 1,
      arbitrary: record<CloneModel>({
        of: fc.constantFrom("the first", "the last"),
        is: fc.constantFrom("read first", "read meanwhile", "never read", "canceled"),
      }),
    },
  ),
  reader: readerModel,
});

// On Node 24 the body of a form may leave a rejection behind when it is canceled, in a plain response too.
export const lifeModel: fc.Arbitrary<LifeModel> = anyLife.filter(
  ({ body, reader }) => !("fixed" in body && body.fixed === "form" && reader.reads !== "all"),
);
