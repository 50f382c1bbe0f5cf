// A function that answers Lambda's events over its runtime API, by real HTTP, in a stand-in of Lambda and of its runtime's
// client. (The official client needs a native build: test/extra. Lambda itself is not run.)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ResponseThen, withResponseThen } from "../../adapters/aws-lambda.ts";
import { READ_ON } from "../../src/expected.ts";
import { thrownBy } from "../thrown-by.ts";
import { into, settle } from "../told.ts";
import { type Lambda, startLambda } from "./aws-lambda/lambda.ts";

describe.each([
  { runtime: "the runtime", waits: false },
  { runtime: "a runtime that waits too", waits: true },
])("on $runtime a streaming handler answers, and returns when the callbacks have settled:", ({ waits }) => {
  let lambda: Lambda;
  beforeAll(async () => {
    lambda = await startLambda(new URL("./aws-lambda/function.ts", import.meta.url), waits);
  });
  afterAll(async () => {
    await lambda?.close();
    expect(lambda?.complaints()).toBe("");
  });

  const told = (...rest: unknown[]) => [
    ["own", ...rest],
    ["adapter", ...rest],
  ];

  test.each([
    ["/string", 200, "Hello", told("completed", "flushed", 200, 5)],
    ["/core", 200, "Hello", told("completed", "flushed", 200, 5)],
    ["/nothing", 204, "", told("completed", "flushed", 204, 0)],
    ["/redirect", 302, "", told("completed", "flushed", 302, 0)],
  ])("%s", async (path, status, body, notes) => {
    const invoked = await lambda.invoke(path);
    expect(invoked).toMatchObject({ status, body, error: undefined });
    expect(invoked.events).toEqual([...notes, "next"]);
  });

  test("a stream", async () => {
    const { body, events } = await lambda.invoke("/stream");
    expect(body).toBe("a".repeat(5_000));
    expect(events).toEqual([["source ends"], ...told("completed", "flushed", 200, 5_000), "next"]);
  });

  test("HEAD", async () => {
    const { body, events } = await lambda.invoke("/stream", { method: "HEAD" });
    expect(body).toBe("");
    const ended = told("completed", "flushed", 200, 0);
    // The source's note goes its own way.
    expect(events.filter((event) => String(event) !== "source canceled")).toEqual([...ended, "next"]);
    expect(events).toContainEqual(["source canceled"]);
  });

  // The outcome told 0 bytes, and Lambda got the text all the same.
  test("HEAD of a fixed body", async () => {
    const { body, events } = await lambda.invoke("/string", { method: "HEAD" });
    expect(body).toBe("");
    expect(events).toEqual([...told("completed", "flushed", 200, 0), "next"]);
  });

  // Its `bytes` were NaN.
  test("a plain stream of text", async () => {
    const { body, events } = await lambda.invoke("/plain-text");
    expect(body).toBe("Hällo");
    expect(events).toEqual([["adapter", "completed", "flushed", 200, 6], "next"]);
  });

  // The invocation waited for it until its time was over.
  test("HEAD of a stream whose cancel never settles", async () => {
    const { error, events } = await lambda.invoke("/never-cancels", { method: "HEAD" });
    expect(error).toBeUndefined();
    expect(events).toEqual([["adapter", "completed", "flushed", 200, 0], "next"]);
  });

  test("a source that fails fails the invocation", async () => {
    const { body, error, events } = await lambda.invoke("/fails");
    expect([body.length, error]).toEqual([2_000, "Error: source failed"]);
    // Lambda's answer is over when the handler has rejected.
    expect(events).toEqual([...told("errored", "flushed", 200, "Error: source failed"), "next"]);
  });

  test("a handler that throws fails the invocation", async () => {
    const { error, events } = await lambda.invoke("/nonsense");
    expect(error).toBe("Error: no such answer");
    expect(events).toEqual([["adapter", "errored", "handed-over", 500, "Error: no such answer"], "next"]);
  });

  test("what was built and dropped", async () => {
    const { body, events } = await lambda.invoke("/dropped");
    expect(body).toBe("another");
    expect(events).toEqual([
      ["adapter", "completed", "flushed", 200, 7],
      ["own", "canceled", "handed-over", 200, "AbandonedError"],
      "next",
    ]);
  });

  test("a callback that is added after the end", async () => {
    const { events } = await lambda.invoke("/late");
    expect(events.at(-1)).toBe("next");
    expect(events).toContainEqual(["late", "completed", "flushed", 200, 5]);
  });

  test("a slow reader holds the source back", async () => {
    const { body, events } = await lambda.invoke("/big", { wait: 500 });
    expect(body.length).toBe(512 * 65_536);
    const ended = told("completed", "flushed", 200, 512 * 65_536);
    expect(events).toEqual(["reads", ["source ends"], ...ended, "next"]);
  });

  test("nobody waits when the function's time is nearly over, and what still runs goes on with the next event", async () => {
    const { events } = await lambda.invoke("/waits", { time: 2_000 });
    expect(events).toEqual([["adapter", "completed", "flushed", 200, 5], "next"]);
    const released = await lambda.invoke("/release");
    expect(released.events.filter((event) => String(event).startsWith("own"))).toEqual([
      ["own", "completed", "flushed", 200, 5],
    ]);
  });
});

describe("an event becomes a request, and a response an answer:", () => {
  let lambda: Lambda;
  beforeAll(async () => {
    lambda = await startLambda(new URL("./aws-lambda/function.ts", import.meta.url));
  });
  afterAll(() => lambda?.close());

  async function echo(method: string, event: object) {
    const { headers, body } = await lambda.invoke("/echo?a=%20b&c", { method, event });
    expect(headers?.["content-type"]).toBe("application/json");
    return JSON.parse(body);
  }

  test("method, url, headers, cookies, text, and what Lambda gave", async () => {
    const event = { headers: { "x-a": "1", host: "own.example" }, cookies: ["a=1", "b=2"], body: "é" };
    expect(await echo("POST", event)).toEqual({
      method: "POST",
      url: "https://own.example/echo?a=%20b&c",
      headers: {
        "x-a": "1",
        cookie: "a=1; b=2",
        "content-type": "text/plain;charset=UTF-8",
        ...(await hostOf("own.example")),
      },
      body: [195, 169],
      given: ["/echo", "number"],
    });
  });

  // (Node's Request keeps a header `host`.)
  const hostOf = async (host: string) => Object.fromEntries(new Request("http://a/", { headers: { host } }).headers);

  test("bytes, and the domain's name where there is no host", async () => {
    const body = Buffer.from([0, 255, 128]).toString("base64");
    const echoed = await echo("PUT", { headers: {}, body, isBase64Encoded: true });
    expect([echoed.url, echoed.body]).toEqual(["https://function.example/echo?a=%20b&c", [0, 255, 128]]);
  });

  test("each cookie for itself", async () => {
    const { headers, cookies } = await lambda.invoke("/cookies");
    expect([headers, cookies]).toEqual([{ "x-a": "1" }, ["a=1; Path=/", "b=2; Path=/"]]);
  });

  test("an event of another kind is refused", async () => {
    const { error } = await lambda.invoke("/", { event: { requestContext: { elb: {} } } });
    expect(error).toBe(`TypeError: event: expected a function URL event (payload format 2.0), got Object${READ_ON}`);
  });

  // Node's Request takes no body with these, and the invocation failed.
  test.for([
    ["GET", { body: "text" }],
    ["GET", { body: "dGV4dA==", isBase64Encoded: true }],
    ["GET", { body: "" }],
    ["HEAD", { body: "text" }],
  ] as const)("a %s with a body %o is a request without one", async ([method, event]) => {
    const { status, body, error } = await lambda.invoke("/echo", { method, event });
    expect([error, status]).toEqual([undefined, 200]);
    if (method === "GET") expect(JSON.parse(body)).toMatchObject({ method, body: [] });
  });
});

test("examples/aws-lambda logs a text and a slow stream, before it asks for the next event", async () => {
  const folder = mkdtempSync(join(tmpdir(), "response-then-lambda-"));
  try {
    // As its README.md says.
    await build({
      entryPoints: [fileURLToPath(new URL("../../examples/aws-lambda/index.ts", import.meta.url))],
      outfile: join(folder, "index.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)),
    });
    const lambda = await startLambda(pathToFileURL(join(folder, "index.mjs")));
    try {
      expect((await lambda.invoke("/")).body).toBe("Hello\n");
      expect((await lambda.invoke("/stream")).body.length).toBe(151);
      await vi.waitUntil(() => lambda.printed.length >= 2, { timeout: 10_000 });
      expect(lambda.printed).toEqual([
        expect.stringMatching(/^GET \/ 200 completed, 6 bytes in \d+ ms, flushed$/),
        expect.stringMatching(/^GET \/stream 200 completed, 151 bytes in \d+ ms, flushed$/),
      ]);
    } finally {
      await lambda.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("off Lambda", () => {
  test("withResponseThen says so at the call", () => {
    expect(thrownBy(() => withResponseThen(() => new Response()))).toBe(
      "Error: There is no awslambda: withResponseThen works on AWS Lambda only",
    );
  });

  test("the class is as the plain one", async () => {
    const events: unknown[] = [];
    expect(await new ResponseThen("Hello", into(events, "own")).text()).toBe("Hello");
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200]]);
  });
});

test("a handler that is none, and a callback that is none, throw at the call", () => {
  vi.stubGlobal("awslambda", { streamifyResponse: () => {} });
  try {
    expect(thrownBy(() => withResponseThen(null as never))).toBe(
      "TypeError: handler: expected a fetch function, got Null",
    );
    expect(thrownBy(() => withResponseThen(() => new Response(), {}))).toContain("TypeError: callback: expected");
  } finally {
    vi.unstubAllGlobals();
  }
});
