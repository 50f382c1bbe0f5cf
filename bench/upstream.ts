import { once } from "node:events";
import { createServer } from "node:http";

/** A server whose answer to `/<n>` are n bytes, each an x, of known length. */
export interface Upstream {
  readonly origin: string;
  close(): void;
}

export async function startUpstream(): Promise<Upstream> {
  const piece = Buffer.alloc(65_536, "x");
  const server = createServer(({ url = "" }, response) => {
    let left = Number(url.slice(1));
    response.writeHead(200, { "content-length": left });
    const write = () => {
      while (left > 0) {
        const some = piece.subarray(0, left);
        left -= some.byteLength;
        if (!response.write(some)) return void response.once("drain", write);
      }
      response.end();
    };
    write();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
