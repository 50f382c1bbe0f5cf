import { createFetch } from "../app.ts";

export default { fetch: createFetch() };
