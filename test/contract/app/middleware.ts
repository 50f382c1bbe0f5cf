// Routes whose response goes through other hands before it is sent, or is not sent at all.
import { gate, note, pause, record } from "./records.ts";
import type { Asked, Route } from "./route.ts";
import { source } from "./source.ts";

const endless = ({ Class, id, own }: Asked) => new Class(source(id, { every: 5 }), own);

/** What many middlewares do: the class is lost, the body is kept. */
const rewrap = (response: Response) => new Response(response.body, { status: 203, headers: response.headers });

const pipe = (response: Response) =>
  new Response(
    response.body?.pipeThrough(new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>()),
    response,
  );

/** As frameworks run a hook of theirs on what a handler has answered. */
async function hooked(id: string, response: Response): Promise<Response> {
  await null;
  note(id, "framework's hook");
  return response;
}

export const middleware: Record<string, Route> = {
  rewrapped: ({ Class, id, own }) => rewrap(new Class(source(id, { chunks: 5, every: 5 }), own)),
  "rewrapped-string": ({ Class, own }) => rewrap(new Class("Hello, world", own)),
  "rewrapped-endless": (asked) => rewrap(endless(asked)),
  "piped-endless": (asked) => pipe(endless(asked)),
  hooked: ({ Class, id, own }) => hooked(id, new Class("Hello, world", own)),
  /** Reads a copy to make a tag of it, as `etag()` does, and answers 304 to who has it already. */
  tagged: async ({ Class, own, url }) => {
    const response = new Class("Hello, world", own);
    const text = await response.clone().text();
    if (url.searchParams.get("has") !== `${text.length}`) return response;
    await response.body?.cancel();
    return new Response(null, { status: 304 });
  },
  dropped: ({ Class, id }) => {
    void new Class("never sent", record(id, "dropped"));
    return new Response("another one");
  },
  replaced: ({ Class, id, own }) => {
    void new Class("never sent", record(id, "dropped"));
    return new Class("Hello, world", own);
  },
  "throws-early": () => {
    throw new Error("handler failed");
  },
  "throws-late": async ({ Class, own }) => {
    await pause(5);
    void new Class("never sent", own);
    throw new Error("handler failed");
  },
  "throws-after-building": ({ Class, own }) => {
    void new Class("never sent", own);
    throw new Error("handler failed");
  },
  /** Built at once, answered when the client has left. */
  late: async (asked) => {
    const response = endless(asked);
    note(asked.id, "waits");
    await gate(asked.id);
    return response;
  },
  "late-plain": async ({ id }) => {
    note(id, "waits");
    await gate(id);
    return new Response("Hello, world");
  },
  /** Built only when the client has left. */
  "late-string": async (asked) => {
    note(asked.id, "waits");
    await gate(asked.id);
    return new asked.Class("Hello, world", asked.own);
  },
  "late-large": async (asked) => {
    note(asked.id, "waits");
    await gate(asked.id);
    return new asked.Class("x".repeat(20_000_000), asked.own);
  },
  "late-stream": async (asked) => {
    note(asked.id, "waits");
    await gate(asked.id);
    return endless(asked);
  },
  fetched: ({ url }) => fetch(url.searchParams.get("from") as string),
  /** What another server answers, passed on. */
  upstream: async ({ Class, own, url }) => Class.from(await fetch(url.searchParams.get("from") as string), own),
  /** Two callbacks, of two responses that have one body. */
  twice: ({ Class, id, own }) => Class.from(new Class(source(id, { chunks: 5, every: 5 }), record(id, "inner")), own),
  "twice-endless": (asked) => asked.Class.from(endless(asked), record(asked.id, "outer")),
};
