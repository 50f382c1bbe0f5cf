// The Worker that Sentry instruments, and what happened in it, which is asked for at /events.
import * as Sentry from "@sentry/cloudflare";
import { ResponseThen } from "response-then/cloudflare";

const PIECE = "data: piece\n\n";
const EVENT_STREAM = { headers: { "content-type": "text/event-stream" } };

const events = [];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const told = (name, { type, bytes, error }) => {
  if (type === "completed") events.push(`${name} completed ${bytes}`);
  else events.push(`${name} ${type}${error ? `: ${error.message}` : ""}`);
};

const own = (outcome) => told("own", outcome);

/** The callback for all. */
export const tell = (outcome) => {
  if (!outcome.response.headers.has("x-events")) told("for all", outcome);
};

const answers = {
  "/events": () => Response.json(events, { headers: { "x-events": "" } }),
  "/json": () => ResponseThen.json({ hello: "world" }, own),
  "/text": () => new ResponseThen("text", own),
  "/stream": () => new ResponseThen(source(3), own, EVENT_STREAM),
  "/endless": () => new ResponseThen(source(Number.POSITIVE_INFINITY), own, EVENT_STREAM),
  "/reports": () => {
    const report = async () => {
      await pause(100);
      Sentry.captureException(new Error("reported by the callback"));
      events.push("reported");
    };
    return new ResponseThen(source(3), [own, report], EVENT_STREAM);
  },
  "/throws": () => {
    throw new Error("handler failed");
  },
};

function source(pieces) {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      // It makes its next piece after a while, as a source does.
      await pause(10);
      if (next++ < pieces) controller.enqueue(encoder.encode(PIECE));
      else controller.close();
    },
    cancel() {
      events.push("source canceled");
    },
  });
}

export const worker = {
  fetch: (request) => answers[new URL(request.url).pathname](),
};
