import { withResponseThen } from "response-then/node";

export const handle = ({ event, resolve }) => withResponseThen(() => resolve(event))(event.request);
