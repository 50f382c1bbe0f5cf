import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { announce } from "./announce.ts";

/**
 * Tells the bench that the server listens, and answers its questions on a port of its own: the handler that is measured
 * looks at no URL.
 *
 * @param answers By path.
 */
export function announceWith(port: number, answers: Readonly<Record<string, () => unknown>>): void {
  const server = createServer(async ({ url = "" }, response) => {
    const answer = answers[url];
    if (!answer) response.statusCode = 404;
    response.end(JSON.stringify((await answer?.()) ?? null));
  });
  server.listen(0, "127.0.0.1", () => announce(port, (server.address() as AddressInfo).port));
}
