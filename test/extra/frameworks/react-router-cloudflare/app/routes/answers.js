import { ResponseThen } from "response-then";
import { answer } from "../../../harness/answers.ts";

export const loader = ({ request }) => answer(ResponseThen, request.url);
