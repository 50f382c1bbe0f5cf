// The site whose pages the service worker serves: it has the worker, and writes down what that posts.
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface Site {
  readonly origin: string;
  /** What the worker noted about a request, by its id. */
  notesOf(id: string): unknown[][];
  /** Every id that was noted of. */
  ids(): string[];
  close(): void;
}

/** @param script The worker, in TypeScript. */
export async function startSite(script: URL): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(script)],
    bundle: true,
    write: false,
    tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
  });
  const notes: [id: string, ...event: unknown[]][] = [];
  const server = createServer(async (request, response) => {
    if (request.url === "/notes") notes.push(JSON.parse(await text(request)));
    const isWorker = request.url === "/worker.js";
    response.setHeader("content-type", isWorker ? "text/javascript" : "text/html");
    response.end(isWorker ? outputFiles[0]?.text : "<title>A page</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    notesOf: (id) => notes.filter((note) => note[0] === id).map(([, ...event]) => event),
    ids: () => [...new Set(notes.map(([id]) => id))],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
