import { ResponseThen } from "response-then/srvx";

export function GET() {
  return new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
}
