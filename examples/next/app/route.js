import { ResponseThen, withResponseThen } from "response-then/next";
import { log } from "../log.js";

export const GET = withResponseThen((request) => new ResponseThen("Hello\n", log(request)));
