// What a client of Hono on Node gets of a short text: that of a ResponseThen against those of Hono and of the platform.
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type HonoOnNode, honoOnNodes } from "./hono-on-node.ts";

/** Requests on one connection, each with its version and headers. */
type Conversation = readonly (readonly [method: "GET" | "HEAD", rest: string])[];

const GET = "HTTP/1.1\r\nHost: localhost\r\n";
const conversations: Record<string, Conversation> = {
  "kept alive, with a HEAD between": [
    ["GET", GET],
    ["HEAD", GET],
    ["GET", GET],
    ["GET", `${GET}Connection: close\r\n`],
  ],
  "HTTP/1.0": [["GET", "HTTP/1.0\r\n"]],
  "HTTP/1.0, kept alive": [
    ["GET", "HTTP/1.0\r\nConnection: keep-alive\r\n"],
    ["GET", "HTTP/1.0\r\n"],
  ],
};

/** All that comes back, but for the dates. A request is sent when the answer before it has come. */
async function talk(port: number, path: string, conversation: Conversation): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received = "";
  socket.on("data", (data) => {
    received += data.toString("latin1");
  });
  const closed = once(socket, "close");
  for (const [i, [method, rest]] of conversation.entries()) {
    socket.write(`${method} ${path} ${rest}\r\n`);
    const end = method === "HEAD" ? "\r\n\r\n" : "\r\n\r\nHello, world";
    const isWhole = () => received.split("\r\n\r\n").length > i + 1 && received.endsWith(end);
    await vi.waitUntil(isWhole, { timeout: 10_000, interval: 5 });
  }
  await closed;
  return received.replace(/^date: .+$/gim, "date: …");
}

describe.each(honoOnNodes)("a short ResponseThen on %s", (_name, start) => {
  let server: HonoOnNode;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  test.each(Object.entries(conversations))(
    "goes out byte for byte as a plain text: %s",
    async (_name, conversation) => {
      const [ours, body, plain] = await Promise.all(
        ["/own/body", "/without/body", "/without/text"].map((path) => talk(server.port, path, conversation)),
      );
      // By the kind of headers that it was given, the server writes the content-length before or behind the date.
      expect([body, plain]).toContain(ours);
      const texts = conversation.filter(([method]) => method === "GET").length;
      expect(ours?.match(/^content-length: 12$/gim)?.length).toBeGreaterThanOrEqual(texts);
      expect(ours).not.toMatch(/transfer-encoding/i);
    },
  );
});
