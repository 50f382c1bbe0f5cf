import { ResponseThen } from "response-then";
import { answer } from "../../../../../harness/answers.ts";

export const GET = ({ url }) => answer(ResponseThen, url);
