import { ResponseThen } from "response-then";

export const GET = () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
