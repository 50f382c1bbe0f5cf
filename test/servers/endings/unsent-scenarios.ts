import { readToEnd, sees500 } from "./acts.ts";
import type { Scenario } from "./scenario.ts";
import { DROPPED, THROWN } from "./usual-words.ts";

/** Responses that are built and never sent. */
export const unsentScenarios: readonly Scenario[] = [
  {
    text: "the handler throws after it built a response",
    route: "throws",
    total: 12,
    dropped: true,
    act: sees500,
    told: THROWN,
  },
  {
    text: "the same, after an `await`",
    route: "throws-async",
    total: 12,
    dropped: true,
    act: sees500,
    told: THROWN,
  },
  {
    text: "built and dropped, a plain one sent",
    route: "dropped",
    total: 12,
    dropped: true,
    name: "dropped",
    act: readToEnd(11),
    told: DROPPED,
  },
  {
    text: "built and dropped, another `ResponseThen` sent",
    route: "replaced",
    total: 12,
    dropped: true,
    name: "dropped",
    beside: ["own"],
    act: readToEnd(12),
    told: DROPPED,
  },
];
