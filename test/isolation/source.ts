import { allArrived } from "./books.ts";
import { type Job, letterOf } from "./jobs.ts";

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const piece = (job: Job) => letterOf(job).repeat(job.bytes);

/** Holds a request until all of its round are there. */
export async function gate(job: Job): Promise<void> {
  for (let waited = 0; !allArrived(job); waited += 5) {
    if (waited > 30_000) throw new Error(`The others of the round did not come, of ${job.id}`);
    await pause(5);
  }
}

/** Gives one piece at once and the others when all requests of the round are there; or then fails; or gives on. */
export function source(job: Job, end: "closes" | "fails" | "never"): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunk = () => new TextEncoder().encode(piece(job));
  let pulls = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(chunk());
        await gate(job);
        if (end === "fails") return controller.error(new Error(`The source failed of ${job.id}`));
        if (end === "closes" && pulls > 3) return controller.close();
        await pause(10);
        controller.enqueue(chunk());
      },
    },
    { highWaterMark: 0 },
  );
}
