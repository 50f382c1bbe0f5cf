import { ResponseThen, withResponseThen } from "../../../../adapters/cloudflare.ts";
import { createFetch } from "../app.ts";

export default { fetch: createFetch(ResponseThen, withResponseThen as never) };
