import { Elysia } from "elysia";
import { ResponseThen, withResponseThen } from "response-then/bun";

export const hello = new Elysia()
  .wrap((handler) => withResponseThen(handler))
  .get("/sample", () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)));
