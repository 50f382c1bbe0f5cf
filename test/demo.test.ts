import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { send } from "./client.ts";
import { startDemo } from "./demo-page/start-demo.ts";

describe.each([["node"], ["bun"], ["deno"], ["workerd"]])("npm start -- %s", (runtime) => {
  test("prints one line per ended response: completed, canceled, errored, a redirect", async () => {
    const demo = await startDemo([runtime]);
    const at = (path: string) => new URL(path, demo.origin);
    try {
      await (await send(at("/plain"))).readAll();
      const stream = await send(at("/stream"));
      await stream.readAtLeast(20);
      stream.socket.destroy();
      await (await send(at("/fails"))).readAll().catch(() => {});
      const redirect = await send(at("/redirect"));
      await redirect.readAll();
      expect(new URL(redirect.headers.location ?? "", demo.origin).pathname).toBe("/arrived");

      const endings = await demo.endings(4);
      expect(endings.toSorted()).toEqual([
        expect.stringMatching(/^canceled {3}200 {2}\/stream +\d+ bytes +\d+ ms {2}(pulled|flushed) \(.+\)$/),
        expect.stringMatching(/^completed {2}200 {2}\/plain +25 bytes +\d+ ms {2}(pulled|handed-over|flushed)$/),
        expect.stringMatching(/^completed {2}303 {2}\/redirect +0 bytes +\d+ ms {2}(handed-over|flushed)$/),
        expect.stringMatching(
          /^errored {4}200 {2}\/fails +65 bytes +\d+ ms {2}(pulled|flushed) \(the source failed\)$/,
        ),
      ]);
      expect(endings.filter((line) => / flushed\b/.test(line))).toHaveLength(runtime === "node" ? 4 : 0);
    } finally {
      await demo.process.close();
    }
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
