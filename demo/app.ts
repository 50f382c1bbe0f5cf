// The demo: a small Hono app that returns ResponseThens of every kind and prints one line when each has ended.
import { Hono } from "hono";
import { type Outcome, ResponseThen, responseThen } from "response-then/hono";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A text that comes line by line; fails before the line `failAt`. */
function lines(count: number, every: number, failAt = count): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      if (line === failAt && failAt < count) throw new Error("the source failed");
      if (line === count) return controller.close();
      await pause(every);
      line++;
      controller.enqueue(encoder.encode(`line ${line} of ${count}\n`));
    },
  });
}

/** Prints how a response ended. */
function print(path: string): (outcome: Outcome) => void {
  return (outcome) => {
    const { type, response, bytes, duration, observed } = outcome;
    const columns = [type.padEnd(9), response.status, path.padEnd(9), `${bytes} bytes`.padStart(10)];
    let text = `${columns.join("  ")}  ${duration.toFixed(0).padStart(5)} ms  ${observed}`;
    if (outcome.type === "canceled") text += ` (${outcome.reason.message})`;
    if (outcome.type === "errored") text += ` (${(outcome.error as Error).message})`;
    console.log(text);
  };
}

export const app: Hono = new Hono();

app.use(responseThen());

app.get("/", () => new ResponseThen("Hello from response-then\n", print("/")));
app.get("/stream", () => new ResponseThen(lines(20, 200), print("/stream")));
app.get("/fails", () => new ResponseThen(lines(20, 100, 5), print("/fails")));
app.get("/redirect", (c) => ResponseThen.redirect(new URL("/", c.req.url), print("/redirect")));
