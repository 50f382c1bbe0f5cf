import { ResponseThen, withResponseThen } from "response-then/next";

export const runtime = "edge";

export const GET = withResponseThen(
  () => new ResponseThen("Hello", (outcome) => console.log("edge:", outcome.type, outcome.observed, outcome.bytes)),
  (outcome) => console.log("edge, told:", outcome.type, outcome.observed, outcome.bytes),
);
