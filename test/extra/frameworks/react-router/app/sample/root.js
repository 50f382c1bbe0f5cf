import { withResponseThen } from "response-then/node";

export const middleware = [({ request }, next) => withResponseThen(() => next())(request)];
