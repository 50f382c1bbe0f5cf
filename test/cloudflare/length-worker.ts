// The Worker of length.test.ts: /<way>/<case>, plain or wrapped, built at once or after an await.
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

declare class FixedLengthStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
  constructor(length: number);
}

interface Env {
  UPSTREAM: string;
}

const TEXT = "Grüße, world. ".repeat(40);

const bodies: Record<string, (env: Env) => BodyInit | Promise<BodyInit>> = {
  string: () => TEXT,
  "string-of-300-kB": () => "0123456789".repeat(30_000),
  bytes: () => new TextEncoder().encode(TEXT),
  params: () => new URLSearchParams({ a: TEXT }),
  blob: () => new Blob([TEXT], { type: "text/x-blob" }),
  "blob-of-300-kB": () => new Blob(["0123456789".repeat(30_000)]),
  form: () => {
    const form = new FormData();
    form.set("field", "välue");
    form.set("file", new Blob([TEXT], { type: "text/plain" }), "file.txt");
    return form;
  },
  fixed: () => {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.write(new Uint8Array(5)).then(() => writer.close());
    return readable;
  },
  fetched: async ({ UPSTREAM }) => (await fetch(UPSTREAM)).body as ReadableStream,
  "from-plain": () => new Response(TEXT).body as ReadableStream,
};

const told = new Map<string, string[]>();

const wrapped = withResponseThen(async (request: Request, env: Env) => {
  const { pathname, searchParams } = new URL(request.url);
  const [, , when, name = ""] = pathname.split("/");
  if (when === "later") await new Promise((resolve) => setTimeout(resolve, 5));
  const body = await (bodies[name] as (env: Env) => BodyInit)(env);
  const outcomes: string[] = [];
  told.set(searchParams.get("id") ?? "", outcomes);
  return new ResponseThen(body, ({ type, bytes }: Outcome) => void outcomes.push(`${type} ${bytes}`));
});

/** Answers at once, where the body does not come from another server. */
const atOnce = withResponseThen((request: Request, env: Env) => {
  const { pathname, searchParams } = new URL(request.url);
  const body = (bodies[pathname.split("/")[3] ?? ""] as (env: Env) => BodyInit)(env);
  const outcomes: string[] = [];
  told.set(searchParams.get("id") ?? "", outcomes);
  return new ResponseThen(body, ({ type, bytes }: Outcome) => void outcomes.push(`${type} ${bytes}`));
});

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, way, when, name = ""] = pathname.split("/");
    if (way === "told") return Response.json(told.get(searchParams.get("id") ?? "") ?? []);
    if (way === "plain") return new Response(await bodies[name]?.(env));
    return when === "at-once" ? atOnce(request, env) : wrapped(request, env);
  },
};
