import { Hono } from "hono";
import { onFinished, type ResponseThen, responseThen } from "../../adapters/hono.ts";
import { answerWith } from "./answers.ts";
import type { Handler } from "./app.ts";
import { arrive, inStore, note, store } from "./books.ts";
import { type Job, jobOf } from "./jobs.ts";
import { toldOf } from "./listeners.ts";

/** A Hono app with the middleware, with callbacks of its own. */
export function honoWays(Class: typeof ResponseThen): Record<"hono", Handler> {
  const app = new Hono();
  app.use(responseThen(toldOf("adapter", "outer")));
  app.get("/hono/*", (c) => {
    const job = jobOf(c.req.url) as Job;
    return store.run(job.id, async () => {
      arrive(job);
      if (job.ending === "plain") onFinished(c, () => note(job, "onFinished", [inStore(job.id)]));
      return answerWith(Class, job);
    });
  });
  app.onError(() => new Response(null, { status: 500 }));
  return { hono: (request, ...rest) => app.fetch(request, ...rest) };
}
