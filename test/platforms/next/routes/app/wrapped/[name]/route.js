import { withResponseThen } from "response-then/next";
import { answer } from "../../answer.js";

export const GET = withResponseThen(answer);
