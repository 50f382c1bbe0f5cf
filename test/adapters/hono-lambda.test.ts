// Hono on AWS Lambda, by Hono's own handle() and streamHandle(), in a stand-in of its runtime.
import { handle, streamHandle } from "hono/aws-lambda";
import { afterAll, describe, expect, test, vi } from "vitest";
import { drain } from "../../adapters/hono.ts";
import { leaveNothingInFlight } from "../told.ts";
import { awslambda, eventOf, ResponseStream, type StreamHandler } from "./hono-lambda-runtime.ts";
import { slowAnswers, slowApp, toldOfThrow } from "./hono-slow-app.ts";

vi.stubGlobal("awslambda", awslambda);
afterAll(() => void vi.unstubAllGlobals());
leaveNothingInFlight();

describe("handle()", () => {
  /** As docs/platforms/aws-lambda.md says. */
  const waiting = (events: unknown[]) => {
    const answer = handle(slowApp(events));
    return async (...request: Parameters<typeof answer>) => {
      try {
        return await answer(...request);
      } finally {
        await drain({ timeout: 5_000 });
      }
    };
  };

  test.each(slowAnswers)(
    "and drain(): the callbacks of $method $path have settled when the handler has",
    async ({ path, method, status, body, told }) => {
      const events: unknown[] = [];
      const result = await waiting(events)(eventOf(path, method));
      expect(events).toEqual(told);
      expect([result.statusCode, result.body]).toEqual([status, body]);
    },
  );

  test("and drain(): so have those of a throw that Hono does not answer", async () => {
    const events: unknown[] = [];
    await expect(waiting(events)(eventOf("/throws-string"))).rejects.toBe("a string");
    expect(events).toEqual(toldOfThrow);
  });

  // Why docs/hono.md says to wait.
  test("alone: the handler has answered, and no callback has run", async () => {
    const events: unknown[] = [];
    const { body } = await handle(slowApp(events))(eventOf("/own"));
    expect([body, events]).toEqual(["Hello", []]);
  });
});

describe("streamHandle()", () => {
  const answering = (events: unknown[]) => streamHandle(slowApp(events)) as unknown as StreamHandler;

  /** As docs/platforms/aws-lambda.md says. */
  const waiting = (events: unknown[]) => {
    const answer = answering(events);
    return awslambda.streamifyResponse(async (event, stream, context) => {
      await answer(event, stream, context);
      await drain({ timeout: 5_000 });
    });
  };

  test.each(slowAnswers)(
    "and drain(): $method $path goes out, then its callbacks settle",
    async ({ path, method, status, body, told }) => {
      const events: unknown[] = [];
      const stream = new ResponseStream();
      stream.on("finish", () => events.push("the whole answer"));
      await waiting(events)(eventOf(path, method), stream, {});
      expect(events).toEqual(["the whole answer", ...told]);
      expect(stream.answer()).toMatchObject({ statusCode: status, body });
    },
  );

  test("alone: the handler has answered, and no callback has run", async () => {
    const events: unknown[] = [];
    const stream = new ResponseStream();
    await answering(events)(eventOf("/own"), stream, {});
    expect([stream.answer().body, events]).toEqual(["Hello", []]);
  });
});
