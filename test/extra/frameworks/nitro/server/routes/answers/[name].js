import { defineHandler } from "nitro";
import { ResponseThen } from "response-then/srvx";
import { answer } from "../../../../harness/answers.ts";

export default defineHandler((event) => answer(ResponseThen, event.url));
