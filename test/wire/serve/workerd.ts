import * as adapter from "../../../adapters/cloudflare.ts";
import { createFetch } from "../app.ts";
import { oursOf } from "../ours.ts";

export default { fetch: createFetch(oursOf(adapter)) };
