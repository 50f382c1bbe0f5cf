const { ResponseThen } = require("response-then");
const { consume } = require("response-then/testing");

test("a callback runs", async () => {
  const seen = [];
  await consume(new ResponseThen("Hello", ({ type, bytes }) => seen.push(type, bytes)));
  expect(seen).toEqual(["completed", 5]);
});
