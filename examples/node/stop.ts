// Stops a server of Node. server.close() alone would cut answers that are written but not sent yet, go on answering on
// connections that are kept alive for as long as their clients ask, and on Node 20 to 24 wait for those that never ask.
import type { Server } from "node:http";
import { Server as Listener } from "node:net";

/**
 * Makes the function that stops a server: it accepts no connection from then on, and fulfils when every request that
 * came is answered. Call this before the first request.
 */
export function stopperOf(server: Server): () => Promise<void> {
  const open = new Set<Promise<void>>();
  server.prependListener("request", (_request, response) => {
    if (!server.listening) response.setHeader("connection", "close");
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    open.add(closed);
    closed.then(() => open.delete(closed));
  });
  return async () => {
    // What server.close() does, without closing connections.
    Listener.prototype.close.call(server);
    while (open.size > 0) await Promise.all(open);
  };
}
