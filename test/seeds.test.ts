import { expect, test } from "vitest";
import { LoggingResponse } from "../examples/seeds/log-success-on-close.ts";
import { closeAfter } from "../examples/seeds/resource-closers.ts";
import { acceptOrder } from "../examples/seeds/response-then-in-one-view.ts";
import type { ResponseThen } from "../src/index.ts";

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

test("all closers of a response run, in their order, and one that fails is reported", async () => {
  const events: string[] = [];
  const response = closeAfter(
    new Response("data"),
    [
      () => events.push("first"),
      () => {
        throw new Error("second failed");
      },
      () => events.push("third"),
    ],
    (error) => events.push(`reported: ${(error as Error).message}`),
  );
  expect(events).toEqual([]);
  expect(await response.text()).toBe("data");
  await response.finished;
  expect(events).toEqual(["first", "reported: second failed", "third"]);
});
