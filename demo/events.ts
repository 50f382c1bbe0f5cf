import { ResponseThen } from "response-then/hono";
import { pause } from "./pause.ts";
import { print } from "./print.ts";
import { timeline } from "./timeline.ts";

/** How often a page is told what is new. */
const EVERY_MS = 50;

/** Bun closes a connection on which nothing was said for 10 s. */
const REST_MS = 5_000;

let closed = false;

/** The timeline as server-sent events, from now on, for as long as the page is open. */
export function events(runtime: string): ResponseThen {
  let next = timeline.end;
  return ResponseThen.stream(
    async (writer, signal) => {
      await writer.write(event({ runtime }, "hello"));
      let told = Date.now();
      while (!closed && !signal.aborted) {
        // Asked for again and again, not called back: on Workers no request may wake another one.
        const news = timeline.since(next);
        next = timeline.end;
        const resting = news.length === 0;
        if (!resting || Date.now() - told >= REST_MS) {
          told = Date.now();
          await writer.write(resting ? ": nothing new\n\n" : news.map((fact) => event(fact)).join(""));
        }
        await pause(EVERY_MS);
      }
    },
    print("/events"),
    { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } },
  );
}

/** Ends what is open, so that the server can stop. */
export function closeEvents(): void {
  closed = true;
}

function event(data: object, name = "message"): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
