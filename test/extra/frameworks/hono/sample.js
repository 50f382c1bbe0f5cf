import { Hono } from "hono";
import { ResponseThen, responseThen } from "response-then/hono";

export const app = new Hono();
app.use(responseThen());
app.get("/sample", () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)));
