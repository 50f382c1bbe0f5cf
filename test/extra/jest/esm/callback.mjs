import { ResponseThen } from "response-then";
import { consume } from "response-then/testing";

test("a callback runs", async () => {
  const seen = [];
  await consume(new ResponseThen("Hello", ({ type, bytes }) => seen.push(type, bytes)));
  expect(seen).toEqual(["completed", 5]);
});
