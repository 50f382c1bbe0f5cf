import { handOver, ResponseThen } from "response-then/node";

export default defineEventHandler((event) => {
  const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
  return handOver(response, event.node.res);
});
