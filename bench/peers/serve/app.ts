// The application of every server: /<way>/<content>, and with ?id=… what is told is written down. Runs unchanged on Node,
// Bun, Deno, workerd and in Next.

/** What a callback does: it says what it was told, "" for nothing. */
export type Tell = (word: string) => void | Promise<void>;

/** As much of the class as is used here. */
export type ResponseClass = new (
  body: ReturnType<Answer["body"]>,
  callback: (outcome: { readonly type: string }) => void | Promise<void>,
) => Response;

/** What one request is to be answered with. */
export interface Answer {
  /** Makes the body; each time another one. */
  body(): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly tell: Tell;
}

/** A way to answer, and to learn when the answer has ended. */
// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request, each something else
export type Way = (request: Request, ...rest: any[]) => Response | Promise<Response>;

/** A callback that ran. */
export interface Told {
  /** In ms since the epoch. */
  readonly at: number;
  readonly word: string;
}

export const TEXT = "hello, world!";
/** The pieces of a stream, and how far apart they are in ms. */
const PIECE = new Uint8Array(1_000).fill(120);
const EVERY = 50;

// Next may have a module twice, one for each route.
declare global {
  var told: Map<string, Told[]>;
  var counted: Map<string, number>;
}
globalThis.told ??= new Map();
globalThis.counted ??= new Map();

const text = () => TEXT;

/** What the request of a url is to be answered with. */
export function answerOf(url: string): Answer {
  const path = pathOf(url);
  // What is timed is not parsed.
  if (path.endsWith("/string")) {
    return { body: text, tell: () => void globalThis.counted.set(path, (globalThis.counted.get(path) ?? 0) + 1) };
  }
  const { pathname, searchParams } = new URL(url);
  const content = pathname.split("/").at(-1);
  const id = searchParams.get("id") ?? "";
  const bytes = Number(searchParams.get("bytes"));
  return {
    body: () => {
      if (content === "stream") return stream(Number(searchParams.get("pieces")));
      return content === "large" ? new Uint8Array(bytes).fill(120) : TEXT;
    },
    async tell(word) {
      const list = globalThis.told.get(id) ?? [];
      globalThis.told.set(id, [...list, { at: Date.now(), word }]);
      // A callback that takes its time, in ms.
      block(Number(searchParams.get("blocks")));
      const waits = Number(searchParams.get("waits"));
      if (waits > 0) await new Promise((resolve) => setTimeout(resolve, waits));
    },
  };
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function stream(pieces: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      if (pieces-- === 0) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, EVERY));
      controller.enqueue(PIECE);
    },
  });
}

/** The word of an outcome. */
export function wordOf(tell: Tell): (outcome: { readonly type: string }) => void | Promise<void> {
  return ({ type }) => tell(`\`${type}\``);
}

/** The ways that are the same everywhere: without a callback, with this library's, and what people write themselves. */
export function commonWays(Class: ResponseClass, wrap?: (handler: Way) => Way): Record<string, Way> {
  const alone: Way = ({ url }) => {
    const { body, tell } = answerOf(url);
    return new Class(body(), wordOf(tell));
  };
  return {
    plain: ({ url }) => new Response(answerOf(url).body()),
    alone,
    ...(wrap && { wrapped: wrap(alone) }),
    folk({ url }) {
      const { body, tell } = answerOf(url);
      const flush = () => tell("");
      return new Response(new Response(body()).body?.pipeThrough(new TransformStream({ flush })) ?? null);
    },
    source({ url }) {
      const { body, tell } = answerOf(url);
      return new Response(inItsTask(new Response(body()).body?.getReader(), tell));
    },
    promise({ url }) {
      const { body, tell } = answerOf(url);
      void Promise.resolve("").then(tell);
      return new Response(body());
    },
  };
}

/** A body whose maker calls back before it ends it, as a generator does in its `finally`. */
function inItsTask(
  source: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
  tell: Tell,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const { done = true, value } = (await source?.read()) ?? {};
      if (!done && value) return controller.enqueue(value);
      await tell("");
      controller.close();
    },
    async cancel() {
      await tell("");
    },
  });
}

function pathOf(url: string): string {
  return url.slice(url.indexOf("/", 8));
}

/** The `fetch` of a server: `/told?id=…` and `/counted` tell what the callbacks wrote down. */
export function createFetch(ways: Readonly<Record<string, Way>>): Way {
  return (request, ...rest) => {
    const path = pathOf(request.url);
    const way = ways[path.slice(1, path.indexOf("/", 1))];
    return way ? way(request, ...rest) : control(request.url);
  };
}

/** What the callbacks wrote down. */
export function control(url: string): Response {
  const { pathname, searchParams } = new URL(url);
  if (pathname.endsWith("/told")) return Response.json(globalThis.told.get(searchParams.get("id") ?? "") ?? []);
  if (pathname.endsWith("/counted")) return Response.json(Object.fromEntries(globalThis.counted));
  return new Response("no such route", { status: 404 });
}
