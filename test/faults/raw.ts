import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Sends bytes as they are, one part after the other with a pause between them. Returns all that came. */
export function sendRaw(port: number, parts: readonly string[], ms = 0): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      // Some close the connection seconds later; what they would say more, they say at once.
      if (isWhole(text)) setTimeout(() => socket.destroy(), 100);
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    // A server that neither answers nor closes.
    socket.setTimeout(10_000, () => socket.destroy());
    const write = async () => {
      for (const [index, part] of parts.entries()) {
        if (index > 0) await pause(ms);
        if (!socket.destroyed) socket.write(part, "latin1");
      }
    };
    write();
  });
}

/** Whether the answer has come to its end. */
function isWhole(text: string): boolean {
  const at = text.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(text.slice(0, at))?.[1];
  return at > 0 && (length === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= at + 4 + Number(length));
}

/** The request that ends its connection. */
export function requestOf(path: string, lines: readonly string[] = [], method = "GET"): string {
  return [`${method} /${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...lines, "", ""].join("\r\n");
}

/** The head of an answer but for what is framing, or depends on the time; and whether the text came. */
export function answerOf(text: string): string[] {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const other = (line: string) => !/^(date|content-length|transfer-encoding|keep-alive):/i.test(line);
  return [
    status,
    ...lines
      .filter(other)
      .map((line) => line.toLowerCase())
      .sort(),
    rest.join().includes("text") ? "text" : "-",
  ];
}
