import { withResponseThen } from "response-then/node";

export const onRequest = ({ request }, next) => withResponseThen(() => next())(request);
