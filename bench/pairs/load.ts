import assert from "node:assert/strict";
import { connect } from "node:net";

/** Requests on connections that are kept alive, and the one body that all answers have. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly requests: number;
  readonly connections: number;
  /** One character is one byte. */
  readonly body: string;
}

/**
 * Sends the requests, each when the one before it on its connection is answered, and asserts that every answer is right.
 * It works on plain sockets, and looks at an answer once: a client that is slower than its server lets it rest between
 * two requests, and a server that rests costs more.
 */
export async function load({ port, path, requests, connections, body }: Load): Promise<void> {
  const head = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
  let left = requests;
  const connection = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      let open = false;
      let text = "";
      const next = () => {
        open = left-- > 0;
        if (open) socket.write(head);
        else socket.destroy();
      };
      socket.on("connect", next);
      socket.on("error", reject);
      socket.on("close", () => (open ? reject(new Error(`${path}: the server closed the connection`)) : resolve()));
      socket.on("data", (data) => {
        text += data.toString("latin1");
        try {
          if (!isWhole(text, body)) return;
        } catch (error) {
          socket.destroy(error as Error);
          return;
        }
        text = "";
        next();
      });
    });
  await Promise.all(Array.from({ length: Math.min(connections, requests) }, connection));
}

const LAST = "\r\n0\r\n\r\n";

/** Whether an answer is whole; throws when it is another one than it should be. */
function isWhole(text: string, body: string): boolean {
  const begin = text.indexOf("\r\n\r\n") + 4;
  if (begin === 3) return false;
  const head = text.slice(0, begin);
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  if (length === undefined ? !text.endsWith(LAST) : text.length < begin + Number(length)) return false;
  const got = length === undefined ? unchunk(text.slice(begin)) : text.slice(begin);
  // An assertion costs more than what is asserted.
  if (!head.startsWith("HTTP/1.1 200") || got !== body) {
    assert.deepEqual({ head, body: got }, { head: "HTTP/1.1 200 …", body });
  }
  return true;
}

function unchunk(text: string): string {
  let body = "";
  for (let at = 0; ; ) {
    const line = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
