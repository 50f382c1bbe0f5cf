// After a transformation the length is another one. Django's GZipMiddleware sets it anew where it has the whole body, and
// takes it away from a stream:
//
//   def process_response(self, request, response):
//       response.content = change(response.content)
//       response.headers["Content-Length"] = str(len(response.content))
//       return response
//
// The difference: `transform` takes it away, for it never has the whole body. Who wants it reads the body first, where
// that is small; a ResponseThen of the handler has ended then, and its callbacks do not hear of the client.
import type { Middleware } from "response-then/middleware";

/** Changes whole bodies, and tells their length. */
export function changeWhole(change: (text: string) => string): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const response = await next(request, ...rest);
      if (response.body === null) return response;
      const body = new TextEncoder().encode(change(await response.text()));
      const changed = new Response(body, response);
      changed.headers.set("content-length", String(body.byteLength));
      changed.headers.delete("etag");
      return changed;
    };
}
