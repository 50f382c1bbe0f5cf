import { handOver, ResponseThen } from "response-then/node";

export function hello(ctx) {
  const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
  ctx.body = handOver(response, ctx.res);
}
