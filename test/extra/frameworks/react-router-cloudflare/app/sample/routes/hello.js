import { ResponseThen } from "response-then";

export const loader = () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
