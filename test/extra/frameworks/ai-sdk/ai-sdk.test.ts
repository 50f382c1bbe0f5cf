import { expect, test } from "vitest";
import { send } from "../../../client.ts";
import { TEXT } from "../harness/answers.ts";
import { nodeServer } from "../harness/framework.ts";
import type { Running } from "../harness/running.ts";
import { testFramework } from "../harness/test-framework.ts";

const BEGIN = "Once upon a time ";
const STORY = BEGIN + "and so on ".repeat(100);

const ask = (app: Running, path: string, prompt: string) => send(app.url(`${path}?${new URLSearchParams({ prompt })}`));

/** Asks for a story, reads its beginning, and leaves; the model waits. */
async function leave(app: Running, path: string, prompt: string): Promise<void> {
  const exchange = await ask(app, path, prompt);
  await exchange.readAtLeast(BEGIN.length);
  exchange.socket.destroy();
  await app.printed((line) => line === `left: ${prompt}`);
}

/** Waits until such a line is printed. */
const line = (app: Running, text: string) => app.printed((each) => each === text);

testFramework(
  {
    name: "AI SDK",
    folder: import.meta.dirname,
    package: "ai",
    start: nodeServer("server.js"),
    sample: { "On `@hono/node-server`, `serve({ fetch })`": "sample.js" },
    sampled: { path: "/whole?prompt=text", body: TEXT, prints: `completed: store "${TEXT}", bill 42 tokens` },
  },
  (app) => {
    test("the whole answer is stored and billed, although its client left", async () => {
      await leave(app(), "/whole", "story 1");
      await ask(app(), "/go-on", "story 1");
      await line(app(), "model ended: story 1");
      await line(app(), `canceled: store "${STORY}", bill 42 tokens`);
    });

    test("what a client got before it left is stored and billed, and the model stops", async () => {
      await leave(app(), "/captured", "story 2");
      await line(app(), `canceled: store "${BEGIN}", bill ${BEGIN.length} characters`);
      await line(app(), "model stopped: story 2");
    });

    test("a client that stays has the whole answer captured", async () => {
      const exchange = await ask(app(), "/captured", "text");
      expect(String(await exchange.readAll())).toBe(TEXT);
      await line(app(), `completed: store "${TEXT}", bill ${TEXT.length} characters`);
    });

    test("`abortSignal: request.signal` stops the model: nothing is left to read, and no usage comes", async () => {
      await leave(app(), "/stopped", "story 3");
      await line(app(), "model stopped: story 3");
      await line(app(), 'canceled: story 3, {"bytes":0,"whole":true}, no usage');
    });

    test("without a signal the model of a client that left is neither stopped nor read on", async () => {
      await leave(app(), "/alone", "story 4");
      await line(app(), "canceled: story 4");
      await ask(app(), "/go-on", "story 4");
      // Another answer has gone all the way meanwhile.
      await (await ask(app(), "/captured", "text")).readAll();
      expect(app().lines()).not.toContainEqual(expect.stringMatching(/^model .*: story 4$/));
    });

    test("a model that fails is no error of the response: `onError` is told", async () => {
      const refused = await ask(app(), "/whole", "refused");
      expect([refused.status, String(await refused.readAll())]).toEqual([200, ""]);
      await line(app(), "completed, and the model failed: the model refused");
      const cut = await ask(app(), "/whole", "overloaded");
      expect([cut.status, String(await cut.readAll())]).toEqual([200, "Once "]);
      await line(app(), "completed, and the model failed: the model is overloaded");
    });

    test("a model whose stream breaks is an error of the response", async () => {
      // The connection is cut, maybe before its head has left.
      await ask(app(), "/whole", "fails so").then(
        (exchange) => expect(exchange.readAll()).rejects.toThrow(),
        () => {},
      );
      await line(app(), "errored, and the model failed: source failed");
    });

    test("in a UI message stream the error of a model is an event, and the response completes", async () => {
      const exchange = await ask(app(), "/events", "overloaded");
      const events = String(await exchange.readAll());
      expect(events).toContain('data: {"type":"error","errorText":"An error occurred."}');
      expect(events.endsWith("data: [DONE]\n\n")).toBe(true);
      await line(app(), "completed: overloaded");
    });

    test("a client leaves a UI message stream", async () => {
      await leave(app(), "/events", "story 5");
      await line(app(), "canceled: story 5");
      await line(app(), "model stopped: story 5");
    });
  },
);
