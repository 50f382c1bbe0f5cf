import { createRequestHandler } from "react-router";
import { withResponseThen } from "response-then/cloudflare";

const handler = createRequestHandler(() => import("virtual:react-router/server-build"), import.meta.env.MODE);

export default withResponseThen({ fetch: (request) => handler(request) });
