// What Sentry's servers are to a Worker: takes its envelopes over a socket. Nothing leaves this machine.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Receiver {
  /** Where Sentry is told to send to. */
  readonly dsn: string;
  /** What it was sent: `exception: handler failed`, `span: /text`. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/** An event, a transaction, or the spans that were streamed. */
interface Item {
  readonly exception?: { readonly values: readonly { readonly value: string }[] };
  readonly items?: readonly { readonly attributes: { readonly "url.path"?: { readonly value: string } } }[];
  readonly contexts?: { readonly trace?: { readonly data?: { readonly "url.path"?: string } } };
}

export async function startReceiver(): Promise<Receiver> {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    // An envelope is lines of JSON: its head, and then the head and the content of each item.
    const [, ...lines] = String(Buffer.concat(pieces)).trimEnd().split("\n");
    for (const [i, line] of lines.entries()) if (i % 2 === 1) received.push(...namesOf(JSON.parse(line)));
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://public@127.0.0.1:${port}/1`,
    received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function namesOf({ exception, items = [], contexts }: Item): string[] {
  if (exception) return exception.values.map(({ value }) => `exception: ${value}`);
  const paths = [contexts?.trace?.data?.["url.path"], ...items.map(({ attributes }) => attributes["url.path"]?.value)];
  return paths.filter((path) => path !== undefined).map((path) => `span: ${path}`);
}
