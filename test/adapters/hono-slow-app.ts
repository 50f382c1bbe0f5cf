import { setTimeout as pause } from "node:timers/promises";
import { Hono } from "hono";
import { type Outcome, onFinished, ResponseThen, responseThen } from "../../adapters/hono.ts";
import { into } from "../told.ts";

/** An app whose callbacks take a while, for platforms that go to sleep when they have the answer. */
export function slowApp(events: unknown[]): Hono {
  const app = new Hono();
  const slowly = (name: string) => async (outcome: Outcome) => {
    await pause(20);
    into(events, name)(outcome);
  };
  app.use(responseThen(slowly("middleware")));
  app.get("/text", (c) => {
    onFinished(c, slowly("onFinished"));
    return c.text("Hello");
  });
  app.get("/own", () => new ResponseThen("Hello", slowly("own")));
  app.get("/later", async () => {
    await pause(5);
    return new ResponseThen("Hello", slowly("own"));
  });
  app.get("/stream", () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await pause(5);
        if (pulls++ < 3) controller.enqueue(new TextEncoder().encode("Hello"));
        else controller.close();
      },
    });
    return new ResponseThen(body, slowly("own"), { headers: { "content-type": "text/plain" } });
  });
  app.get("/empty", (c) => c.body(null, 204));
  app.get("/redirect", (c) => c.redirect("/text"));
  app.get("/no-status", () => Response.error());
  app.get("/throws", () => {
    throw new Error("failed");
  });
  app.get("/throws-string", () => {
    throw "a string";
  });
  app.onError((error, c) => c.text(error.message, 500));
  return app;
}

/** What the app answers, and what its callbacks are told. */
export interface SlowAnswer {
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly body: string;
  readonly told: readonly unknown[];
}

const answer = (path: string, status: number, body: string, names: string[], method = "GET"): SlowAnswer => {
  const observed = body === "" ? "handed-over" : "pulled";
  return { path, method, status, body, told: names.map((name) => [name, "completed", observed, status]) };
};

/** All but those that reach the platform as a throw, or as no answer. */
export const slowAnswers: readonly SlowAnswer[] = [
  answer("/text", 200, "Hello", ["middleware", "onFinished"]),
  answer("/own", 200, "Hello", ["own", "middleware"]),
  answer("/own", 200, "", ["own", "middleware"], "HEAD"),
  answer("/later", 200, "Hello", ["own", "middleware"]),
  answer("/stream", 200, "HelloHelloHello", ["own", "middleware"]),
  answer("/empty", 204, "", ["middleware"]),
  answer("/redirect", 302, "", ["middleware"]),
  answer("/nowhere", 404, "404 Not Found", ["middleware"]),
  answer("/throws", 500, "failed", ["middleware"]),
];

/** What the callbacks are told where the handler throws what is no Error. */
export const toldOfThrow = [["middleware", "errored", "handed-over", 500, "a string"]];
