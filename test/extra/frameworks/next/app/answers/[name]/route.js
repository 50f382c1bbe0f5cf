import { ResponseThen, withResponseThen } from "response-then/next";
import { answer } from "../../../../harness/answers.ts";

export const GET = withResponseThen((request) => answer(ResponseThen, request.url));
