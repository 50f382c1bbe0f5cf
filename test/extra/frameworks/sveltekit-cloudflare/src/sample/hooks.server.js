import { withResponseThen } from "response-then/cloudflare";

export const handle = ({ event, resolve }) => withResponseThen(() => resolve(event))(event.request);
