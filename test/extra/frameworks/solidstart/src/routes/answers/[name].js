import { ResponseThen } from "response-then/srvx";
import { answer } from "../../../../harness/answers.ts";

export function GET({ request }) {
  return answer(ResponseThen, request.url);
}
