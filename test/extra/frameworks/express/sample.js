import { handOver, ResponseThen } from "response-then/node";
import { sendNodeResponse } from "srvx/node";

export function hello(_req, res) {
  const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
  return sendNodeResponse(res, handOver(response, res));
}
