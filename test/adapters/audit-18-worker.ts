// The Worker of audit-18.test.ts: a Hono app whose bindings have the names that are looked for on other runtimes.
import { Hono } from "hono";
import { logger as honoLogger, onFinished, responseThen } from "../../adapters/hono.ts";
import { compose, logger } from "../../src/middleware/index.ts";

const events: string[] = [];
const app = new Hono();
app.use(honoLogger(() => {}));
app.use(responseThen(({ type, observed }) => void events.push(`${type} ${observed}`)));
app.get("/text", (c) => {
  onFinished(c, ({ type }) => void events.push(`added ${type}`));
  return c.text("text");
});

const logged = compose(
  (_request: Request, _env: object, _ctx: object) => new Response("text"),
  logger({ sink: (line) => void events.push(/completed \(.*\)/.exec(line)?.[0] ?? line) }),
);

export default {
  fetch(request: Request, ...rest: [object, object]): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/events") return Response.json(events);
    return pathname === "/logged" ? logged(request, ...rest) : app.fetch(request, ...(rest as [object, never]));
  },
};
