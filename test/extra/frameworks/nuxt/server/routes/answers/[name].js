import { handOver, ResponseThen } from "response-then/node";
import { answer } from "../../../../harness/answers.ts";

export default defineEventHandler((event) => {
  return handOver(answer(ResponseThen, getRequestURL(event)), event.node.res);
});
