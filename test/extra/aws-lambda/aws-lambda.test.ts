// The adapter under Amazon's own runtime client for Node, aws-lambda-ric, which asks a runtime API of ours for events.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { READ_ON } from "../../../src/expected.ts";
import { eventOf, type Lambda, missing, startLambda } from "./lambda.ts";
import type { Answer } from "./runtime-api.ts";

const reason = await missing();
const on = reason === undefined ? "on aws-lambda-ric" : `on aws-lambda-ric (skipped: ${reason})`;

/** What Lambda makes of a streamed answer: JSON, eight bytes of zero, the body. */
function parse({ body }: Answer): { head: object; text: string } {
  const end = body.indexOf(Buffer.alloc(8));
  return { head: JSON.parse(body.subarray(0, end).toString()), text: body.subarray(end + 8).toString() };
}

const told = (...rest: unknown[]) => [
  ["own", ...rest],
  ["adapter", ...rest],
];

describe.skipIf(reason !== undefined)(`${on} a streaming handler`, () => {
  let lambda: Lambda;
  beforeAll(async () => {
    lambda = await startLambda("handler");
  });
  afterAll(() => lambda?.close());

  /** Gives an event and waits for the next to be asked for. */
  async function invoke(path: string, method?: string): Promise<Answer> {
    const answer = await lambda.give(eventOf(path, method));
    await lambda.asked();
    return answer as Answer;
  }

  test.each([
    { path: "/string", status: 200, text: "Hello", ends: told("completed", "flushed", 200, 5) },
    { path: "/nothing", status: 204, text: "", ends: told("completed", "flushed", 204, 0) },
    { path: "/redirect", status: 302, text: "", ends: told("completed", "flushed", 302, 0) },
  ])("answers $path whole, and runs the callbacks before the next event is asked for", async (expected) => {
    const answer = await invoke(expected.path);
    const { head, text } = parse(answer);
    expect([head, text]).toEqual([expect.objectContaining({ statusCode: expected.status }), expected.text]);
    expect(answer.error).toBeUndefined();
    expect(lambda.events()).toEqual(["answered", ...expected.ends, "next"]);
  });

  test("streams: by chunks, with the type and the trailers of a streamed answer", async () => {
    const answer = await invoke("/stream");
    expect(answer.kind).toBe("response");
    expect(answer.headers).toMatchObject({
      "content-type": "application/vnd.awslambda.http-integration-response",
      "lambda-runtime-function-response-mode": "streaming",
      "transfer-encoding": "chunked",
    });
    const { head, text } = parse(answer);
    expect([head, text]).toEqual([{ statusCode: 200, headers: {}, cookies: [] }, "a".repeat(5_000)]);
    expect(lambda.events()).toEqual([["source ends"], "answered", ...told("completed", "flushed", 200, 5_000), "next"]);
  });

  test("streams 32 MiB", async () => {
    const { text } = parse(await invoke("/big"));
    expect(text.length).toBe(512 * 65_536);
    expect(lambda.events()).toEqual([
      ["source ends"],
      "answered",
      ...told("completed", "flushed", 200, 512 * 65_536),
      "next",
    ]);
  });

  test("has headers and cookies in the prelude", async () => {
    expect(parse(await invoke("/cookies"))).toEqual({
      head: { statusCode: 200, headers: { "x-a": "1" }, cookies: ["a=1; Path=/", "b=2; Path=/"] },
      text: "",
    });
  });

  test("answers HEAD without a body", async () => {
    expect(parse(await invoke("/stream", "HEAD")).text).toBe("");
    const events = lambda.events().filter((event) => String(event) !== "source canceled");
    expect(events).toEqual(["answered", ...told("completed", "flushed", 200, 0), "next"]);
  });

  test("answers HEAD without a body where that is a fixed one", async () => {
    expect(parse(await invoke("/string", "HEAD")).text).toBe("");
  });

  test("fails the invocation when the source fails, after what was read", async () => {
    const answer = await lambda.give(eventOf("/fails"));
    await lambda.asked();
    expect(answer?.error).toBe("Error: source failed");
    expect(parse(answer as Answer).text).toBe("a".repeat(2_000));
    // The client does not wait for Lambda's answer to a failure before it asks for the next event.
    const ends = told("errored", "flushed", 200, "Error: source failed");
    expect(lambda.events().slice(0, 2)).toEqual(ends);
    expect(lambda.events().slice(2).sort()).toEqual(["answered", "next"]);
  });

  test("fails the invocation when it throws", async () => {
    const answer = await invoke("/nonsense");
    expect([answer.error, answer.body.length]).toEqual(["Error: no such answer", 0]);
    expect(lambda.events()[0]).toEqual(["adapter", "errored", "handed-over", 500, "Error: no such answer"]);
  });

  test("waits for what was built and dropped", async () => {
    expect(parse(await invoke("/dropped")).text).toBe("another");
    expect(lambda.events().at(-1)).toBe("next");
    expect(lambda.events()).toContainEqual(["own", "canceled", "handed-over", 200, "AbandonedError"]);
  });

  test("waits for a callback that was added by a callback", async () => {
    await invoke("/late");
    expect(lambda.events().at(-1)).toBe("next");
    expect(lambda.events()).toContainEqual(["late", "completed", "flushed", 200, 5]);
  });

  test("refuses an event of another kind, in words", async () => {
    const answer = await lambda.give({ ...eventOf("/"), requestContext: { elb: {} } });
    expect(answer?.error).toBe(
      `TypeError: event: expected a function URL event (payload format 2.0), got Object${READ_ON}`,
    );
  });
});

describe.skipIf(reason !== undefined)(on, () => {
  let lambda: Lambda | undefined;
  afterEach(async () => {
    await lambda?.close();
    lambda = undefined;
  });

  test("a callback of two seconds is waited for, and the answer does not wait for it", async () => {
    lambda = await startLambda("late");
    const answer = await lambda.give(eventOf("/"));
    expect(parse(answer as Answer).text).toBe("Hello");
    await lambda.asked();
    expect(lambda.events()).toEqual(["answered", ["begins", "completed", "flushed"], ["ends"], "next"]);
  });

  // It leaves a rejection of its own unhandled. Lambda starts another process then.
  test("the client ends when the runtime API resets an answer, and the callbacks end with it", async () => {
    lambda = await startLambda("handler");
    expect(await lambda.give(eventOf("/big"), 1_000_000)).toBeUndefined();
    const [code] = await lambda.process.exit;
    expect([code, lambda.events()]).toEqual([1, ["cut"]]);
    expect(lambda.process.complaints()).toMatch(/ECONNRESET|EPIPE|socket hang up/);
  });

  test("where the client has no awslambda, the function does not start, and says why", async () => {
    lambda = await startLambda("handler", { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: "1" });
    await lambda.process.exit;
    expect(lambda.initError()).toContain("Error: There is no awslambda: withResponseThen works on AWS Lambda only");
  });

  test("a handler of the buffered kind answers, and nobody waits for its callbacks", async () => {
    lambda = await startLambda("buffered");
    const answer = await lambda.give(eventOf("/"));
    expect(JSON.parse(String(answer?.body))).toEqual({ statusCode: 200, body: "Hello" });
    await lambda.give(eventOf("/release"));
    // The outcome is that of the text, not of the answer.
    await vi.waitFor(() => expect(lambda?.events()).toContainEqual(["own", "completed", "pulled"]), {
      timeout: 20_000,
    });
  });
});
