// Stands between a client and a server on TCP, and can lose an answer: the server has done what it was told, and the
// client never hears of it.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** From now on, the next answer is lost and its connection cut, and nobody is let in until `open()`. */
  loseAnswer(): void;
  /** Fulfils when the answer is lost. */
  readonly lost: () => Promise<void>;
  open(): void;
  close(): Promise<void>;
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let losing = false;
  let shut = false;
  let lose = () => {};
  let lost = Promise.resolve();

  const server = createServer((client) => {
    if (shut) return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", cut);
      socket.on("close", () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      if (!losing) return void client.write(data);
      losing = false;
      shut = true;
      cut();
      lose();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as { port: number }).port,
    loseAnswer() {
      losing = true;
      lost = new Promise((resolve) => {
        lose = resolve;
      });
    },
    lost: () => lost,
    open() {
      shut = false;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
