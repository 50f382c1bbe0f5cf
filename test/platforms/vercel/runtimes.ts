// The function of the test behind a server, on each of the two runtimes that Vercel has.
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";
import { invoke, requestContext, symbol } from "./invocation.ts";

export interface Running {
  readonly origin: string;
  /** What happened to a request, in its order; "over" when Vercel may freeze the function. */
  notesOf(id: string): string[];
  close(): Promise<void>;
}

/** Writes down what happens to requests. */
class Notes {
  readonly #notes: [id: string, event: string][] = [];
  readonly note = (id: string, event: string): void => void this.#notes.push([id, event]);
  readonly of = (id: string): string[] => this.#notes.filter((note) => note[0] === id).map(([, event]) => event);
}

const idOf = (url: string) => new URL(url).searchParams.get("id") ?? "";

/** By the Edge Runtime's own server. */
export async function startEdge(): Promise<Running> {
  const notes = new Notes();
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { fetch } from "./function.ts";
        addEventListener("fetch", (event) => event.respondWith(invoke(event.request.url, () => fetch(event.request))));
      `,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    write: false,
    tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
  });
  const runtime = new EdgeRuntime({
    initialCode: outputFiles[0]?.text as string,
    extend: (context) =>
      Object.assign(context, {
        note: notes.note,
        invoke: (url: string, answer: () => Promise<Response>) => invoke(answer, () => notes.note(idOf(url), "over")),
        [symbol]: requestContext,
      }),
  });
  const { url, close } = await runServer({ runtime, host: "127.0.0.1", port: 0 });
  return { origin: url.replace(/\/$/, ""), notesOf: notes.of, close };
}

type Fetch = (request: Request) => Response | Promise<Response>;

/** @param fetch Another function than that of the test. */
export async function startNode(fetch?: Fetch): Promise<Running> {
  const notes = new Notes();
  const globals = globalThis as unknown as Record<string | symbol, unknown>;
  globals.note = notes.note;
  globals[symbol] = requestContext;
  const answer = fetch ?? (await import("./function.ts")).fetch;
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const running = serve(
      {
        fetch: (request) =>
          invoke(
            () => answer(request),
            () => notes.note(idOf(request.url), "over"),
          ),
        hostname: "127.0.0.1",
        port: 0,
        overrideGlobalObjects: false,
      },
      () => resolve(running),
    );
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notesOf: notes.of,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      delete globals.note;
      delete globals[symbol];
    },
  };
}
