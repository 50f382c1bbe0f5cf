// Middleware that changes bodies on the way out: HTML by the runtime's own HTMLRewriter, an export by a
// CompressionStream. The callbacks of the handler's responses stay theirs, and run when the changed body has ended.
import { ResponseThen, withResponseThen } from "response-then/cloudflare";
import { compose, logger, transform } from "response-then/middleware";

// `npx wrangler types` writes these too.
interface Element {
  setAttribute(name: string, value: string): Element;
}
declare class HTMLRewriter {
  on(selector: string, handlers: { element(element: Element): void }): HTMLRewriter;
  transform(response: Response): Response;
}

const isHtml = ({ headers }: Response) => headers.get("content-type")?.startsWith("text/html") ?? false;
const isExport = ({ headers }: Response) => headers.get("content-type") === "application/gzip";

/** Links that lead away are not followed by search engines. HTMLRewriter takes responses, so its stream is made of two. */
const nofollow = transform(
  () => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    const rewriter = new HTMLRewriter().on('a[href^="http"]', {
      element: (link) => void link.setAttribute("rel", "nofollow"),
    });
    const rewritten = rewriter.transform(new Response(readable)).body as ReadableStream<Uint8Array<ArrayBuffer>>;
    return { readable: rewritten, writable };
  },
  { when: isHtml },
);

const compressed = transform(() => new CompressionStream("gzip"), { when: isExport });

function rows(count: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let row = 0;
  return new ReadableStream({
    pull(controller) {
      if (row === count) return controller.close();
      controller.enqueue(encoder.encode(`${JSON.stringify({ row: ++row })}\n`));
    },
  });
}

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  const done = ({ type }: { type: string }) => console.log(`done ${pathname} ${type}`);
  if (pathname === "/export")
    return new ResponseThen(rows(10_000), done, { headers: { "content-type": "application/gzip" } });
  const page = `<!doctype html><p>To <a href="/home">the start</a> and <a href="https://example.com/">away</a>.</p>`;
  return new ResponseThen(page, done, { headers: { "content-type": "text/html" } });
}

export default withResponseThen({ fetch: compose(answer, logger({ format: "common" }), nofollow, compressed) });
