import { ResponseThen, withResponseThen } from "../../../adapters/cloudflare.ts";
import { createFetch, respond } from "../app.ts";

const wrapped = withResponseThen(createFetch(ResponseThen));

export default {
  fetch: (request: Request) =>
    new URL(request.url).pathname.startsWith("/alone/") ? respond(ResponseThen, request) : wrapped(request),
};
