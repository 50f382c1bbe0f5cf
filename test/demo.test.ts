import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { send } from "./client.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function endings(printed: string): string[] {
  return printed.split("\n").filter((line) => /^(completed|canceled|errored)\b/.test(line));
}

/** Runs `npm start` (its second half: the build is there) until `run` is done, and gives what it printed. */
async function start(runtime: string[], port: number, run: () => Promise<void>): Promise<string> {
  const child = spawn("node", ["demo/start.ts", ...runtime], {
    env: { ...process.env, PORT: String(port) },
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      printed += text;
    });
  }
  const exited = once(child, "exit");
  try {
    for (let tries = 0; !printed.includes("One line per response"); tries++) {
      if (tries === 600) throw new Error(`the demo did not start: ${printed}`);
      await pause(50);
    }
    await run();
    for (let tries = 0; tries < 100 && endings(printed).length < 4; tries++) await pause(50);
  } finally {
    process.kill(-(child.pid as number), "SIGTERM");
    await exited;
  }
  return printed;
}

describe.each([["node"], ["bun"], ["deno"], ["workerd"]])("npm start -- %s", (runtime) => {
  test("prints one line per ended response: completed, canceled, errored, a redirect", async () => {
    const port = await freePort();
    const at = (path: string) => new URL(`http://localhost:${port}${path}`);
    const printed = await start([runtime], port, async () => {
      await (await send(at("/"))).readAll();
      const stream = await send(at("/stream"));
      await stream.readAtLeast(20);
      stream.socket.destroy();
      await (await send(at("/fails"))).readAll().catch(() => {});
      await (await send(at("/redirect"))).readAll();
    });
    expect(endings(printed).sort()).toEqual([
      expect.stringMatching(/^canceled {3}200 {2}\/stream +\d+ bytes +\d+ ms {2}(pulled|flushed) \(.+\)$/),
      expect.stringMatching(/^completed {2}200 {2}\/ +25 bytes +\d+ ms {2}(pulled|handed-over|flushed)$/),
      expect.stringMatching(/^completed {2}302 {2}\/redirect +0 bytes +\d+ ms {2}(handed-over|flushed)$/),
      expect.stringMatching(/^errored {4}200 {2}\/fails +65 bytes +\d+ ms {2}(pulled|flushed) \(the source failed\)$/),
    ]);
    expect(printed.match(/ flushed\b/g)?.length ?? 0).toBe(runtime === "node" ? 4 : 0);
  });
});

test("npm start refuses a runtime that it does not know", async () => {
  const child = spawn("node", ["demo/start.ts", "rhino"]);
  let printed = "";
  child.stderr.on("data", (text) => {
    printed += text;
  });
  const [code] = await once(child, "exit");
  expect([code, printed]).toEqual([
    1,
    'npm start: unknown runtime "rhino"; expected one of node, bun, deno, workerd\n',
  ]);
});
