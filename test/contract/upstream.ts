// Another server, whose answers the application passes on.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** Fulfils when the connection of a request is over. */
  readonly left: Promise<unknown>;
}

/** @param pieces How many of 1,000 bytes it answers with; it never ends where that is `Infinity`. */
export async function startUpstream(pieces: number): Promise<Upstream> {
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const server = createServer((_request, response) => {
    // For a page of another origin.
    response.writeHead(203, {
      "content-type": "text/upstream",
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "*",
      "x-old": "1",
      "x-gone": "1",
    });
    let written = 0;
    const timer = setInterval(() => {
      if (written++ < pieces) return response.write("x".repeat(1_000));
      clearInterval(timer);
      return response.end();
    }, 5);
    response.on("close", () => {
      clearInterval(timer);
      leave();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    left,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
