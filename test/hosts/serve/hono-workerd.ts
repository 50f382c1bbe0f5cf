import { createHonoFetch } from "../hono-app.ts";

export default { fetch: createHonoFetch() };
