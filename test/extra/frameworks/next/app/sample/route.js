import { ResponseThen, withResponseThen } from "response-then/next";

export const GET = withResponseThen(
  async () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)),
);
