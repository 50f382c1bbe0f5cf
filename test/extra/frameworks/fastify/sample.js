import { handOver, ResponseThen } from "response-then/node";

export const hello = {
  method: ["GET", "HEAD"],
  url: "/sample",
  handler(_request, reply) {
    const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
    return reply.send(handOver(response, reply.raw));
  },
};
