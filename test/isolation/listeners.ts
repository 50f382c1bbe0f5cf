// What is told of all responses: an adapter's callback, and the listener of the process.
import { type Outcome, responseFinished } from "../../src/index.ts";
import { inStore, note, store } from "./books.ts";
import { type Job, jobOf } from "./jobs.ts";

/** Writes down what an adapter's callback was told; what it is called for it knows only from the outcome. */
export function toldOf(name: string, context: string): (outcome: Outcome) => void {
  return (outcome) => {
    const job = jobOf(outcome.request?.url ?? "");
    if (!job) return;
    const { ending, status } = job;
    // It is told of what goes out, which has another status where that is not what has the callbacks.
    const answered = ending === "throws" ? 500 : ending === "dropped" ? 200 : status;
    const { type, response, bytes } = outcome;
    note(job, `${name} ${type}`, [
      inStore(`${context} ${job.id}`),
      response.status !== answered && `status ${response.status}`,
      response.status !== 500 && response.headers.get("x-id") !== job.id && "the response of another",
      bytes % job.bytes !== 0 && `${bytes} bytes`,
      type === "errored" && !String(outcome.error).endsWith(` of ${job.id}`) && String(outcome.error),
    ]);
  };
}

/** Listens to all responses. Returns how to end that. */
export function listen(): () => void {
  return responseFinished.subscribe((outcome) => {
    const { request, response } = outcome;
    const id = response.headers.get("x-id") ?? jobOf(request?.url ?? "")?.id;
    if (id === undefined || id === null) return;
    const found = store.getStore();
    // It is registered outside of all requests: it may see no store, or that of the request it is told of.
    const foreign = found !== undefined && !found.endsWith(id);
    const told = request && jobOf(request.url)?.id !== id && `the request ${request.url}`;
    const job = { round: id.split(".")[0] ?? "", id } as Job;
    note(job, `listener ${outcome.type}`, [foreign && `the listener saw the store of ${found}`, told ?? false]);
  });
}
