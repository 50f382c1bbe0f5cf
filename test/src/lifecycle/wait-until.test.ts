import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { installed } from "../../servers/shutdown/process.ts";

// What `waitUntil` returns was dropped: as an async function that fails it ended the process on Node.
describe("a waitUntil that returns a promise which rejects leaves nothing unhandled", () => {
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const ways: readonly [string, string][] = [
    ["a function", `await new ResponseThen(null, told, { waitUntil }).finished;`],
    ["an object", `await new ResponseThen(null, told, { waitUntil: { waitUntil } }).finished;`],
    [
      "for a callback that is added late",
      `let count = 0;
       const late = () => (count++ === 0 ? undefined : waitUntil());
       const response = new ResponseThen(null, () => {}, { waitUntil: late });
       await response.finished;
       response.onFinished(told);`,
    ],
    [
      "of a host, for a response that brings none, and for the handler",
      `const { Hono } = await import(${source("../../../node_modules/hono/dist/index.js")});
       const { responseThen } = await import(${source("../../../adapters/hono.ts")});
       const app = new Hono();
       app.use(responseThen(told));
       app.get("/", (c) => c.text("text"));
       await (await app.request("/", {}, {}, { waitUntil, passThroughOnException() {} })).text();`,
    ],
  ];
  const runtimes: readonly [string, string, readonly string[]][] = [
    ["node", process.execPath, ["--input-type=module-typescript", "-"]],
    ["bun", installed("bun"), ["run", "-"]],
    ["deno", installed("deno"), ["run", "-A", "--no-check", "--ext=ts", "-"]],
  ];
  for (const [runtime, command, args] of runtimes) {
    test.for(ways)(`%s, on ${runtime}`, async ([, code]) => {
      const child = spawn(command, args, { cwd: file("../.."), stdio: ["pipe", "pipe", "pipe"] });
      let printed = "";
      child.stdout.on("data", (text) => {
        printed += text;
      });
      let complaints = "";
      child.stderr.on("data", (text) => {
        complaints += text;
      });
      child.stdin.end(`
        import { ResponseThen } from ${source("../../../src/index.ts")};
        const waitUntil = () => Promise.reject(new Error("waitUntil failed"));
        const told = () => console.log("told");
        ${code}
        setTimeout(() => console.log("still alive"), 50);`);
      const [exit] = await once(child, "close");
      expect([exit, printed.trim().split("\n"), complaints]).toEqual([0, ["told", "still alive"], ""]);
    });
  }
});
