import { ResponseThen, withResponseThen } from "response-then/next";

// Answered once, when the app is built.
export const dynamic = "force-static";

export const GET = withResponseThen(
  () => new ResponseThen("Hello", (outcome) => console.log("built:", outcome.type, outcome.observed, outcome.bytes)),
);
