import "../app/uncollected.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { ResponseThen, withResponseThen } from "../../../adapters/cloudflare.ts";
import { createFetch, type Wrap } from "../app/app.ts";

// Where the application looks for it: there is no process without nodejs_compat.
Object.assign(globalThis, { AsyncLocalStorage });

// A Hono app too is in a wrapped Worker, as in examples/cloudflare-hono.
const fetch = createFetch(ResponseThen, withResponseThen as Wrap);
const wrapped = withResponseThen(fetch);

export default {
  fetch: (request: Request, ...rest: unknown[]) =>
    (new URL(request.url).pathname.startsWith("/hono/") ? wrapped : fetch)(request, ...rest),
};
