import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installed, type RunningProcess, startProcess } from "./shutdown/process.ts";

let server: RunningProcess;
let port: string;
beforeAll(async () => {
  server = startProcess([installed("bun"), fileURLToPath(new URL("./websocket/bun.ts", import.meta.url))], {});
  port = (await server.line(/^port (\d+)$/))[1] as string;
});
afterAll(() => server.close());

// The wrapped handler threw, for what came was no Response, and the upgraded connection was closed.
test("on Bun a request that becomes a WebSocket has no response, and what was built for it is dropped", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(socket, "open");
  socket.send("Hello");
  const [{ data }] = await once(socket, "message");
  expect(data).toBe("Hello");
  socket.close();
  await server.line(/^told canceled handed-over$/);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect([response.status, await response.text()]).toEqual([426, "Upgrade required"]);
  await server.line(/^told of a response$/);
  expect(server.printed.filter((line) => line.startsWith("told")).sort()).toEqual([
    "told canceled handed-over",
    "told completed handed-over",
    "told of a response",
  ]);
});
