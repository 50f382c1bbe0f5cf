import { setTimeout as pause } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { changeWhole } from "../examples/seeds/content-length.ts";
import { withHeader } from "../examples/seeds/custom-header.ts";
import { LoggingResponse } from "../examples/seeds/log-success-on-close.ts";
import { audited } from "../examples/seeds/process-response.ts";
import { countResponses } from "../examples/seeds/request-finished.ts";
import { closeAfter } from "../examples/seeds/resource-closers.ts";
import { acceptOrder } from "../examples/seeds/response-then-in-one-view.ts";
import { stacked } from "../examples/seeds/stacked.ts";
import { firstBytes, maintenance } from "../examples/seeds/stops-early.ts";
import { timedCall, timedIteration } from "../examples/seeds/timing.ts";
import { inCapitals, iterated, written } from "../examples/seeds/transforming.ts";
import { ResponseThen, responseFinished } from "../src/index.ts";

const request = new Request("http://example.com/path?query");
const nothing = () => {};

/** A body whose two pieces come 20 ms apart; notes its cancel. */
function slowBody(events: unknown[] = []): ReadableStream<Uint8Array> {
  const pieces = ["slow ", "body"];
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(20);
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(piece));
      },
      cancel: (reason) => void events.push(["source canceled", (reason as Error).message]),
    },
    { highWaterMark: 0 },
  );
}

test("a response class logs success by its status when the response has ended", async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const good = new LoggingResponse("ok", log);
  const bad = new LoggingResponse("sorry", log, { status: 500 });
  const left = new LoggingResponse("nobody reads this", log);
  expect(lines).toEqual([]);
  expect([await good.text(), await bad.text()]).toEqual(["ok", "sorry"]);
  await left.body?.cancel();
  await Promise.all([good.finished, bad.finished, left.finished]);
  expect(lines).toEqual(["200 success", "500 failure", "200 canceled"]);
});

test("a view answers first and sends its mail afterwards", async () => {
  const events: string[] = [];
  const response = acceptOrder({ id: "A-7" }, async (id) => void events.push(`mail ${id}`));
  expect(response.status).toBe(202);
  events.push(`answer ${await response.text()}`);
  await (response as ResponseThen).finished;
  expect(events).toEqual(['answer {"accepted":"A-7"}', "mail A-7"]);
});

test("all closers of a response run, in their order, once; one that fails is reported; the flag and the signal are last", async () => {
  const events: string[] = [];
  const { response, closed } = closeAfter(
    new Response("data"),
    [
      () => events.push("first"),
      () => {
        throw new Error("second failed");
      },
      () => events.push(`third, closed: ${closed()}`),
    ],
    (error) => events.push(`reported: ${(error as Error).message}`),
  );
  const unsubscribe = responseFinished.subscribe(() => void events.push(`signal, closed: ${closed()}`));
  expect([events, closed()]).toEqual([[], false]);
  expect(await response.text()).toBe("data");
  await response.finished;
  await vi.waitUntil(() => events.length === 4, { timeout: 15_000 });
  expect(events).toEqual(["first", "reported: second failed", "third, closed: false", "signal, closed: true"]);
  response.onFinished(() => void events.push("late"));
  await vi.waitUntil(() => events.length > 4, { timeout: 15_000 });
  expect(events.slice(4)).toEqual(["late"]);
  unsubscribe();
});

test("the signal has the response, and counts by status and ending", async () => {
  const counts = new Map<string, number>();
  const stop = countResponses(counts);
  const responses = [200, 200, 404].map((status) => new ResponseThen("x", nothing, { status }));
  for (const response of responses) await response.text();
  const left = new ResponseThen("x", nothing);
  await left.body?.cancel();
  await Promise.all([...responses, left].map(({ finished }) => finished));
  await vi.waitUntil(() => [...counts.values()].reduce((sum, count) => sum + count, 0) === 4, { timeout: 15_000 });
  stop();
  expect([...counts]).toEqual([
    ["200 completed", 2],
    ["404 completed", 1],
    ["200 canceled", 1],
  ]);
});

test("a process_response middleware audits each response when it has ended, its own callback first", async () => {
  const events: string[] = [];
  const handler = audited((path, { type, response }) => events.push(`${path} ${response.status} ${type}`))(
    () => new ResponseThen("data", () => void events.push("the view's own"), { status: 201 }),
  );
  const response = (await handler(request)) as ResponseThen;
  expect(events).toEqual([]);
  expect(await response.text()).toBe("data");
  await response.finished;
  await vi.waitUntil(() => events.length === 2, { timeout: 15_000 });
  expect(events).toEqual(["the view's own", "/path 201 completed"]);
});

test("one middleware times the call, and the other the whole iteration", async () => {
  const times: Record<string, number> = {};
  const log = (what: string, milliseconds: number) => {
    times[what] = milliseconds;
  };
  const response = (await timedIteration(log)(timedCall(log)(() => new Response(slowBody())))(request)) as ResponseThen;
  expect(Object.keys(times)).toEqual(["answered"]);
  expect(await response.text()).toBe("slow body");
  await response.finished;
  expect(Object.keys(times)).toEqual(["answered", "completed"]);
  // Three pauses of 20 ms; a timer may be a little early.
  expect(times.completed).toBeGreaterThan((times.answered ?? 0) + 50);

  const left = (await timedIteration(log)(() => new Response(slowBody()))(request)) as ResponseThen;
  await left.body?.cancel(new Error("left"));
  await left.finished;
  expect(times).toHaveProperty("canceled");
  const failing = timedCall(log)(() => {
    throw new Error("the view failed");
  });
  delete times.answered;
  await expect(failing(request)).rejects.toThrow("the view failed");
  expect(times).toHaveProperty("answered");
});

test("a header is added to every response, and twice is once", async () => {
  const add = withHeader("x-served-by", "green");
  const response = (await add(add(() => new Response("data", { headers: { "x-kept": "yes" } })))(request)) as Response;
  expect([...response.headers]).toContainEqual(["x-served-by", "green"]);
  expect([response.headers.get("x-kept"), await response.text()]).toEqual(["yes", "data"]);
});

test("stacked, the outer one times what the inner one made", async () => {
  const events: string[] = [];
  const handler = stacked(
    () => new Response("data"),
    (what) => events.push(what),
  );
  const response = (await handler(request)) as ResponseThen;
  expect([response.headers.get("x-served-by"), await response.text()]).toEqual(["green", "data"]);
  await response.finished;
  expect(events).toEqual(["completed"]);
});

test.each([
  ["an iterable", iterated],
  ["write()", written],
] as const)(
  "a body by %s is transformed as text, its length goes, and the callback counts what went out",
  async (_name, make) => {
    const counted: number[] = [];
    const response = (await inCapitals(() => make((bytes) => counted.push(bytes)))(request)) as Response;
    expect([await response.text(), response.headers.get("content-length")]).toEqual(["GRÖSSER", null]);
    await vi.waitUntil(() => counted.length > 0, { timeout: 15_000 });
    expect(counted).toEqual([8]);
  },
);

test("who reads the whole body may tell its length", async () => {
  const handler = changeWhole((text) => `${text} ${text}`)(
    () => new Response("é", { status: 201, headers: { "content-length": "2", etag: '"1"' } }),
  );
  const response = await handler(request);
  expect([response.status, await response.text()]).toEqual([201, "é é"]);
  expect([response.headers.get("content-length"), response.headers.get("etag")]).toEqual(["5", null]);
  const empty = new Response(null, { status: 304 });
  expect(await changeWhole(nothing as never)(() => empty)(request)).toBe(empty);
});

test("a middleware that stops early closes what it was reading, once, and the client has a whole answer", async () => {
  const events: unknown[] = [];
  const made = new ResponseThen(slowBody(events), ({ type, bytes }) => void events.push([type, bytes]));
  const response = await firstBytes(3)(() => made)(request);
  expect(await response.text()).toBe("slo");
  await made.finished;
  expect(events).toEqual([
    ["source canceled", "The transformation ended the body before its source"],
    ["completed", 3],
  ]);
});

test("and one that answers in another's place cancels the response that it drops", async () => {
  const events: unknown[] = [];
  let down = false;
  const make = () => new ResponseThen(slowBody(events), ({ type }) => void events.push(type));
  const handler = maintenance(() => down)(make);
  expect(await (await handler(request)).text()).toBe("slow body");
  await vi.waitUntil(() => events.length === 1, { timeout: 15_000 });
  down = true;
  const response = await handler(request);
  expect([response.status, await response.text()]).toEqual([503, "Back soon"]);
  await vi.waitUntil(() => events.length === 3, { timeout: 15_000 });
  expect(events).toEqual(["completed", ["source canceled", "Down for maintenance"], "canceled"]);
});
