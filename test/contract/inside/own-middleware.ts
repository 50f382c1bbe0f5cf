import { compose, headers, logger, transform } from "../../../src/middleware/index.ts";
import { ended, type Inside, pause, source, within } from "./inside.ts";

const request = (path: string) => new Request(`http://localhost${path}`);

/** Upper case, so that a changed body shows. */
const upper = (text: string) => text.toUpperCase();

export const ownMiddleware: readonly Inside[] = [
  {
    text: "middleware: a plain response is logged once, at its end, and has the headers that were added",
    from: "WSGI middleware (PEP 3333)",
    async run() {
      const lines: string[] = [];
      const handler = compose(
        () => new Response(source(["a", "bc"])),
        logger({
          format: ({ path, status, bytes, type }) => [path, status, bytes, type].join(" "),
          sink: (line) => lines.push(line),
        }),
        headers({ "x-added": "1" }),
      );
      const response = await handler(request("/one"));
      const before = [...lines];
      const text = await response.text();
      while (lines.length === 0) await pause(10);
      await pause(20);
      return [before, response.headers.get("x-added"), text, lines];
    },
    expected: [[], "1", "abc", ["/one 200 3 completed"]],
  },
  {
    text: "middleware: a body is transformed, also a character that two pieces share, and the callback stays",
    from: "WSGI middleware (PEP 3333)",
    async run(Class) {
      const bytes = new TextEncoder().encode("grün");
      const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start(controller) {
          for (const piece of [bytes.slice(0, 3), bytes.slice(3)]) controller.enqueue(piece);
          controller.close();
        },
      });
      const own = new Class(pieces, [], { headers: { "content-length": "5" } });
      const handler = compose(() => own, transform(upper));
      const response = await handler(request("/"));
      const text = await response.text();
      const { type, bytes: count } = await ended(own);
      return [text, response.headers.get("content-length"), type, count];
    },
    expected: ["GRÜN", null, "completed", 5],
  },
  {
    text: "middleware: a transformation that throws ends the body as errored, and releases its source",
    from: "WSGI middleware (PEP 3333)",
    async run(Class) {
      const seen: unknown[] = [];
      const own = new Class(source(["a", "b"], seen), ({ type }) => seen.push(type));
      const fail = (text: string): string => {
        throw new Error(`transformation of ${text} failed`);
      };
      const response = await compose(() => own, transform(fail))(request("/"));
      const read = await within("the error", (response.body as ReadableStream).pipeTo(new WritableStream())).then(
        () => "whole",
        (error) => (error as Error).message,
      );
      await ended(own);
      return [read, seen.at(-1)];
    },
    expected: ["transformation of a failed", "errored"],
  },
];
