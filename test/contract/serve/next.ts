import "../app/uncollected.ts";
import { ResponseThen, withResponseThen } from "../../../adapters/next.ts";
import { createFetch, type Handler, type Wrap } from "../app/app.ts";

/** Answers every path of a Next app. */
export const answer: Handler = createFetch(ResponseThen, withResponseThen as Wrap);
