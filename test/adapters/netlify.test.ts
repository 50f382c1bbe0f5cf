// Handlers called with a context as Netlify documents it, on Node as its functions and on Deno as its edge functions.
// Netlify's own emulator runs them in test/extra.
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { ResponseThen, withResponseThen } from "../../adapters/netlify.ts";
import example from "../../examples/netlify/netlify/functions/hello.ts";
import { calls } from "../platforms/netlify/calls.ts";
import { invoke } from "../platforms/netlify/invocation.ts";
import { run } from "../run.ts";
import { installed } from "../servers/shutdown/process.ts";
import { thrownBy } from "../thrown-by.ts";
import { into, settle } from "../told.ts";

async function callsOnDeno(): Promise<Record<string, string[]>> {
  const script = fileURLToPath(new URL("../platforms/netlify/calls.ts", import.meta.url));
  const { code, stdout, stderr } = await run(installed("deno"), ["run", "--quiet", "--allow-env", script]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

const both = (text: string) => [`own: ${text}`, `adapter: ${text}`];

test.each([
  { runtime: "Node", get: calls, plain: "pulled" },
  // It shows there that the body is a fixed one, which is sent untouched.
  { runtime: "Deno", get: callsOnDeno, plain: "handed-over" },
])("on $runtime a function lasts until the callbacks have settled", async ({ get, plain }) => {
  const told = await get();
  expect(told).toEqual({
    "alone string": ["own: completed, pulled, 200, 5 bytes", "over"],
    "wrapped string": ["own: completed, pulled, 200, 5 bytes", "over"],
    "told string": [...both("completed, pulled, 200, 5 bytes"), "over"],
    "alone stream": ["own: completed, pulled, 200, 1000 bytes", "over"],
    "wrapped stream": ["own: completed, pulled, 200, 1000 bytes", "over"],
    "told stream": [...both("completed, pulled, 200, 1000 bytes"), "over"],
    "alone canceled": ["own: canceled, pulled, 200", "over"],
    "wrapped canceled": ["own: canceled, pulled, 200", "over"],
    "told canceled": [...both("canceled, pulled, 200"), "over"],
    "alone nothing": ["own: completed, handed-over, 204, 0 bytes", "over"],
    "wrapped nothing": ["own: completed, handed-over, 204, 0 bytes", "over"],
    "told nothing": [...both("completed, handed-over, 204, 0 bytes"), "over"],
    "alone head": ["own: completed, pulled, 200, 1000 bytes", "over"],
    "wrapped head": ["own: completed, handed-over, 200, 0 bytes", "over"],
    "told head": [...both("completed, handed-over, 200, 0 bytes"), "over"],
    "alone fails": ["own: errored, pulled, 200, Error: source failed", "over"],
    "wrapped fails": ["own: errored, pulled, 200, Error: source failed", "over"],
    "told fails": [...both("errored, pulled, 200, Error: source failed"), "over"],
    // Why there is an adapter.
    "alone core": ["over", "own: completed, pulled, 200, 5 bytes"],
    "wrapped core": ["own: completed, pulled, 200, 5 bytes", "over"],
    "told core": [...both("completed, pulled, 200, 5 bytes"), "over"],
    "alone plain": ["over"],
    "wrapped plain": ["over"],
    "told plain": [`adapter: completed, ${plain}, 200, 5 bytes`, "over"],
    "alone throws": ["over"],
    "wrapped throws": ["over"],
    "told throws": ["adapter: errored, handed-over, 500, Error: no answer", "over"],
  });
});

test("off Netlify callbacks run", async () => {
  const events: unknown[] = [];
  const handler = withResponseThen(() => new ResponseThen("Hello", into(events, "own")), into(events, "adapter"));
  expect(await (await handler(new Request("http://localhost/"))).text()).toBe("Hello");
  await settle();
  expect(events).toEqual([
    ["own", "completed", "pulled", 200],
    ["adapter", "completed", "pulled", 200],
  ]);
});

test("examples/netlify logs a text and a slow stream", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => lines.push(line));
  for (const path of ["hello", "stream"]) await invoke(example, new Request(`http://localhost/${path}`));
  vi.restoreAllMocks();
  expect(lines).toEqual([
    expect.stringMatching(/^GET \/hello 200 completed, 6 bytes in \d+ ms, pulled$/),
    expect.stringMatching(/^GET \/stream 200 completed, 151 bytes in \d+ ms, pulled$/),
  ]);
});

test("a handler that is none, and a callback that is none, throw at the call", () => {
  expect(thrownBy(() => withResponseThen(new Response() as never))).toBe(
    "TypeError: handler: expected a fetch function, got Response",
  );
  expect(thrownBy(() => withResponseThen(() => new Response(), 1 as never))).toContain("TypeError: callback: expected");
});
