// Facts about the runtimes that the documentation tells; the contract has those about endings.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** Runs a module in a runtime and gives its exit code and what it printed. */
async function run(command: string[], code: string): Promise<{ code: number | null; printed: string }> {
  const [name = "", ...args] = command;
  const child = spawn(name, args, { stdio: ["pipe", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += text;
  });
  child.stdin.end(code);
  const [exit] = await once(child, "exit");
  return { code: exit, printed: printed.trim() };
}

const node = ["node", "--input-type=module-typescript", "-"];
const bun = ["npx", "--no-install", "bun", "run", "-"];
const deno = ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--ext=ts", "-"];
const source = new URL("../src/index.ts", import.meta.url).href;

test.each([
  ["bun", bun],
  ["deno", deno],
])("reportError ends the process on %s, so it is not used", async (_name, command) => {
  const { code, printed } = await run(
    command,
    `setTimeout(() => console.log("still alive"), 50); reportError(new Error("boom"));`,
  );
  expect([code, printed]).toEqual([1, ""]);
});

test.each([
  ["node", node],
  ["bun", bun],
  ["deno", deno],
])("a failing callback ends no process on %s", async (_name, command) => {
  const { code, printed } = await run(
    command,
    `import { ResponseThen } from "${source}";
     const fail = () => { throw new Error("boom") };
     await new ResponseThen("x", [fail, async () => fail()]).text();
     setTimeout(() => console.log("still alive"), 50);`,
  );
  expect([code, printed]).toEqual([0, "still alive"]);
});

test("on Bun a plain text response loses its content-type when its body is touched, and so from() loses it", async () => {
  const { printed } = await run(
    bun,
    `import { ResponseThen } from "${source}";
     const routes = {
       "/plain": () => new Response("x"),
       "/touched": () => { const r = new Response("x"); r.body; return r; },
       "/from": () => ResponseThen.from(new Response("x"), () => {}),
       "/ours": () => new ResponseThen("x", () => {}),
     };
     const server = Bun.serve({ port: 0, routes });
     for (const path in routes) console.log((await fetch(new URL(path, server.url))).headers.get("content-type"));
     server.stop(true);`,
  );
  expect(printed.split("\n")).toEqual([
    "text/plain;charset=utf-8",
    "application/octet-stream",
    "null",
    "text/plain;charset=utf-8",
  ]);
});

// It used to extend the native one, and then was no instance of the new one.
test("@hono/node-server replaces the global Response, and a ResponseThen is one of the new ones; told not to, of the native", async () => {
  const instance = (options: string) =>
    run(
      node,
      `import { createRequire } from "node:module";
       import { ResponseThen } from "${source}";
       const require = createRequire("${import.meta.url}");
       const { serve } = await import(require.resolve("@hono/node-server"));
       const native = Response;
       const extended = () => Object.getPrototypeOf(ResponseThen) === Response;
       const answer = () => new ResponseThen("x", ({ response }) => console.log(response instanceof Response, extended()));
       const server = serve({ fetch: answer, port: 0, ${options} }, async ({ port }) => {
         console.log(Response === native, await (await fetch("http://localhost:" + port)).text());
         server.close();
       });`,
    );
  expect((await instance("")).printed.split("\n").sort()).toEqual(["false x", "true true"]);
  expect((await instance("overrideGlobalObjects: false")).printed.split("\n").sort()).toEqual(["true true", "true x"]);
});

test.each([
  ["node", node],
  ["bun", bun],
  ["deno", deno],
])(
  "on %s a callback has the AsyncLocalStorage store of its registration, not the reader's, live and late",
  async (_name, command) => {
    const { printed } = await run(
      command,
      `import { AsyncLocalStorage } from "node:async_hooks";
     import { ResponseThen } from "${source}";
     const storage = new AsyncLocalStorage();
     const say = (what) => () => console.log(what, storage.getStore());
     const body = () => new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(1)); controller.close(); } });
     const responses = storage.run("handler", () => [new ResponseThen("x", say("text")), new ResponseThen(body(), say("stream"))]);
     responses.push(storage.run("handler", () => new ResponseThen(body(), say("canceled"))));
     storage.run("middleware", () => responses[0].onFinished(say("added")));
     for (const response of responses.slice(0, 2)) await storage.run("server", () => response.text());
     await storage.run("server", () => responses[2].body.cancel());
     await Promise.all(responses.map((response) => response.finished));
     await storage.run("late", () => responses[0].onFinished(say("late")));
     await new Promise((resolve) => setTimeout(resolve, 10));`,
    );
    expect(printed.split("\n")).toEqual([
      "text handler",
      "added middleware",
      "stream handler",
      "canceled handler",
      "late late",
    ]);
  },
);

test.each([
  ["node", ["node", "--expose-gc", ...node.slice(1)]],
  ["bun", ["npx", "--no-install", "bun", "--expose-gc", "run", "-"]],
  ["deno", [...deno.slice(0, -1), "--v8-flags=--expose-gc", "-"]],
])(
  "on %s a response that nobody reads ends as canceled, AbandonedError, when it is collected",
  async (_name, command) => {
    const { printed } = await run(
      command,
      `import { ResponseThen } from "${source}";
     let ended;
     const callback = ({ type, reason, response }) => { ended = [type, reason.name, response.status].join(" "); };
     let cancels = 0;
     const drop = () => { new ResponseThen(new ReadableStream({ cancel() { cancels++; } }), callback, { status: 203 }); };
     drop();
     for (let i = 0; i < 100 && !ended; i++) {
       await new Promise((resolve) => setTimeout(resolve, 20));
       gc();
     }
     console.log(ended, cancels);`,
    );
    expect(printed).toBe("canceled AbandonedError 203 1");
  },
);

// On Deno no response with a stream for its body was ever collected, 5 kB each: its released reader led to the stream.
test.each([
  ["node", ["node", "--expose-gc", ...node.slice(1)]],
  ["bun", ["npx", "--no-install", "bun", "--expose-gc", "run", "-"]],
  ["deno", [...deno.slice(0, -1), "--v8-flags=--expose-gc", "-"]],
])("responses that have ended are collected on %s", async (_name, command) => {
  const { printed } = await run(
    command,
    `import { ResponseThen } from "${source}";
     let collected = 0;
     // Global: a registry that nobody refers to any more is collected itself, and tells nothing.
     globalThis.registry = new FinalizationRegistry(() => { collected++; });
     const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
     const chunk = () => new Uint8Array(10);
     for (let i = 0; i < 600; i++) {
       const pull = (controller) => { controller.enqueue(chunk()); if (i % 3) controller.close(); };
       const response = new ResponseThen(i % 2 ? "text" : new ReadableStream({ pull }), () => {});
       registry.register(response, 0);
       if (i % 3 || i % 2) await response.text(); else await response.body.cancel();
     }
     for (let i = 0; i < 200 && collected <= 550; i++) { await turn(); gc(); }
     console.log(collected > 550 ? "collected" : collected);`,
  );
  expect(printed).toBe("collected");
});

test.each([
  ["bun", bun, `Bun.serve({ port: 0, fetch: (request) => app.fetch(request) }).port`],
  ["deno", deno, `Deno.serve({ port: 0, onListen() {} }, (request) => app.fetch(request)).addr.port`],
])(
  "on %s a listener to all responses learns what a response of Hono's answers, though the request is gone then",
  async (_name, command, serve) => {
    const { printed } = await run(
      command,
      `import { Hono } from "${import.meta.resolve("hono")}";
     import { responseFinished, responseThen } from "${new URL("../adapters/hono.ts", import.meta.url).href}";
     const app = new Hono();
     app.use(responseThen());
     app.get("/path", (c) => c.text("Hello"));
     responseFinished.subscribe(({ request, response, bytes }) => {
       console.log(request.method, new URL(request.url).pathname, response.status, bytes);
       process.exit();
     });
     const port = ${serve};
     await (await fetch("http://127.0.0.1:" + port + "/path")).text();
     setTimeout(() => {}, 10_000);`,
    );
    expect(printed).toBe("GET /path 200 5");
  },
);
