import { withResponseThen } from "../../../../adapters/cloudflare.ts";
import { createFetch } from "../app.ts";

export default { fetch: createFetch(withResponseThen, ({ headers }) => headers.get("cf-connecting-ip"), true) };
