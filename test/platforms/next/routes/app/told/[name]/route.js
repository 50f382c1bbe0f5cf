import { withResponseThen } from "response-then/next";
import { answer } from "../../answer.js";
import { record } from "../../notes.js";

export function GET(request, context) {
  const told = record(request.nextUrl.searchParams.get("id"), "adapter");
  return withResponseThen(answer, told)(request, context);
}
