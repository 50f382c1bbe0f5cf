// What the handlers answer with, case by case: plain Responses. Runs on every runtime, and knows nothing of us.

export type Case = (request: Request) => Response | Promise<Response>;

declare const Bun: { file(url: URL): Blob } | undefined;

const TEXT = "Grüße, world. ".repeat(40);
const BYTES = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251);

/** Two pieces, each in a turn of its own. */
function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pulls = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (pulls < 2) controller.enqueue(BYTES.slice(pulls * 1_000, pulls * 1_000 + 1_000));
      else controller.close();
      pulls++;
    },
  });
}

function form(): FormData {
  const form = new FormData();
  form.set("field", "välue");
  form.set("file", new Blob([TEXT], { type: "text/plain" }), "file.txt");
  return form;
}

function cookies(): Headers {
  const headers = new Headers({ "X-One": "1", etag: '"e"' });
  for (const cookie of ["a=1; Path=/", "b=2; HttpOnly"]) headers.append("set-cookie", cookie);
  return headers;
}

/** Every case, by its name. */
export const cases: Readonly<Record<string, Case>> = {
  string: () => new Response("Hello, wörld"),
  "string of 200 kB": () => new Response("0123456789".repeat(20_000)),
  "string with headers": () => new Response("<p>Hello", { status: 404, headers: { "content-type": "text/html" } }),
  "string with cookies": () => new Response("Hello", { headers: cookies() }),
  "string with its length": () => new Response("Hello", { headers: { "content-length": "5" } }),
  bytes: () => new Response(BYTES.slice(0, 1_000)),
  "bytes of 100 kB": () => new Response(BYTES),
  blob: () => new Response(new Blob([TEXT], { type: "text/x-blob" })),
  "blob without a type": () => new Response(new Blob([TEXT])),
  json: () => Response.json({ a: "ä" }, { status: 201 }),
  params: () => new Response(new URLSearchParams({ a: "1", b: "ä b" })),
  form: () => new Response(form()),
  stream: () => new Response(stream()),
  "stream with its length": () => new Response(stream(), { headers: { "content-length": "2000" } }),
  "empty string": () => new Response(""),
  null: () => new Response(null),
  "204": () => new Response(null, { status: 204, headers: { "x-one": "1" } }),
  "304": () => new Response(null, { status: 304, headers: { etag: '"e"' } }),
  redirect: () => Response.redirect("http://elsewhere.example/"),
  // Passed on as it was fetched: what of it is encoded only the runtime knows.
  gzip: (request) => fetch(`http://127.0.0.1:${new URL(request.url).searchParams.get("upstream")}/`),
  ...(typeof Bun !== "undefined" && {
    file: () => new Response(Bun.file(new URL(import.meta.url))),
    "range of a file": () => new Response(Bun.file(new URL(import.meta.url))),
    "missing file": () => new Response(Bun.file(new URL("./missing", import.meta.url))),
  }),
};
