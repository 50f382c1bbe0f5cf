import * as Sentry from "@sentry/cloudflare";
import { withResponseThen } from "response-then/cloudflare";
import { tell, worker } from "./worker.js";

export default withResponseThen(
  Sentry.withSentry((env) => ({ dsn: env.SENTRY_DSN, tracesSampleRate: 1 }), worker),
  tell,
);
