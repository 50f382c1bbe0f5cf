// How each job is answered. Runs unchanged on Node, Bun, Deno and workerd.
import type { CallbackContext, Callbacks, Outcome, ResponseThen } from "../../src/index.ts";
import { inStore, note, shared, store, tell } from "./books.ts";
import { failureOf, type Job } from "./jobs.ts";
import { gate, pause, piece, source } from "./source.ts";

/** Gives a response callbacks of every kind, registered in time and late, in async contexts of their own. */
function made(job: Job, make: (callbacks: Callbacks, init: object) => ResponseThen): ResponseThen {
  const { id, status } = job;
  const told =
    (name: string, context = id) =>
    (outcome: Outcome) =>
      tell(job, name, context, outcome);
  const own = async (outcome: Outcome, { signal }: CallbackContext) => {
    note(job, "signal", [shared("the signal", signal, job)]);
    told("own")(outcome);
    await pause(5);
    store.run(`late ${id}`, () => response.onFinished(told("late", `late ${id}`)));
    if (failureOf(job) === "rejects") throw new Error(`The callback failed of ${id}`);
    if (failureOf(job) !== "hangs") return;
    signal.addEventListener("abort", () => note(job, "aborted", [inStore(id)]));
    await new Promise(() => {});
  };
  const each = { completed: told("second"), canceled: told("second"), errored: told("second") };
  const onError = (error: Error, outcome: Outcome) => {
    const foreign = error.name !== "TimeoutError" && !error.message.endsWith(` of ${id}`);
    note(job, `onError ${error.name}`, [foreign && error.message, shared("the error", error, job)]);
    told("onError")(outcome);
  };
  const init = { status, headers: { "x-id": id }, onError, timeout: failureOf(job) === "hangs" ? 100 : 30_000 };
  const response = make([own, { ...each, finally: told("finally") }], init);
  store.run(`added ${id}`, () => response.onFinished(told("added", `added ${id}`)));
  response.finished.then((outcome) => {
    told("finished")(outcome);
    store.run(`after ${id}`, () => response.onFinished(told("after", `after ${id}`)));
  });
  return response;
}

async function later(make: () => Response | Promise<Response>): Promise<Response> {
  await pause(1);
  return make();
}

/** Answers a job with the class. */
export function answerWith(Class: typeof ResponseThen, job: Job): Response | Promise<Response> {
  const { id, status } = job;
  const plain = { status: status === 204 ? 200 : status, headers: { "x-id": id } };
  const of = (body: string | ReadableStream | null) => made(job, (callbacks, init) => new Class(body, callbacks, init));
  switch (job.ending) {
    case "text":
      return of(piece(job));
    case "later":
      return later(() => of(piece(job)));
    case "json":
      return made(job, (callbacks, init) => Class.json(piece(job).slice(2), callbacks, init));
    case "nothing":
      return of(null);
    case "stream":
      return of(source(job, "closes"));
    case "later-stream":
      return later(() => of(source(job, "closes")));
    case "from":
      return made(job, (callbacks, options) =>
        Class.from(new Response(source(job, "closes"), plain), callbacks, options),
      );
    case "written":
      return made(job, (callbacks, init) => {
        const write: Parameters<typeof ResponseThen.stream>[0] = async (writer) => {
          note(job, "written", [inStore(id)]);
          await gate(job);
          for (let i = 0; i < 3; i++) await writer.write(piece(job));
        };
        return Class.stream(write, callbacks, init);
      });
    case "re-wrapped":
      return later(() => {
        const response = of(source(job, "closes"));
        return new Response(response.body, response);
      });
    case "left":
      return of(source(job, "never"));
    case "later-left":
      return later(() => of(source(job, "never")));
    case "fails":
      return of(source(job, "fails"));
    case "later-fails":
      return later(() => of(source(job, "fails")));
    case "canceled":
      return later(async () => {
        const response = of(source(job, "closes"));
        await response.body?.cancel(new Error(`The body was canceled by ${id}`));
        return new Response(piece(job), plain);
      });
    case "dropped":
      of(null);
      return new Response(piece(job), plain);
    case "throws":
      of(null);
      throw new Error(`The handler failed of ${id}`);
    case "bare":
      return new Class(source(job, "closes"), [], plain);
    default:
      return new Response(piece(job), plain);
  }
}
