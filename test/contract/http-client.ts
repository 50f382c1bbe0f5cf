// A client on a real socket of its own for each request.
import { connect } from "node:net";
import { send } from "../client.ts";
import type { Client } from "./client.ts";

export function httpClient(port: number): Client {
  return {
    async send(path, method) {
      const { status, headers, socket, message, readAtLeast, readAll } = await send(
        new URL(`http://127.0.0.1:${port}${path}`),
        method === undefined ? {} : { method },
      );
      return {
        status,
        headers,
        readAtLeast,
        readAll,
        async leave(how = "abort") {
          // What comes after it is nobody's.
          message.on("error", () => {});
          if (how === "close") socket.destroy();
          else socket.resetAndDestroy();
        },
      };
    },
    async leaveUnanswered(path, until) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await until();
      socket.resetAndDestroy();
    },
  };
}
