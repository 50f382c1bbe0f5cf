import { defineHandler } from "nitro";
import { ResponseThen } from "response-then/srvx";

export default defineHandler(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)));
