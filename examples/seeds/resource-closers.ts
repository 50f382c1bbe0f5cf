// Django keeps a list on every response; whoever opens a resource appends its closer:
//
//   response._resource_closers.append(file.close)
//
//   def close(self):
//       for closer in self._resource_closers:
//           try:
//               closer()
//           except Exception:
//               pass
//       self._resource_closers.clear()
//
// The difference: closers run concurrently, and one that fails is reported, not swallowed.
import { ResponseThen } from "response-then";

/** Gives closers to a response that somebody else made. */
export function closeAfter(
  response: Response,
  closers: (() => unknown)[],
  onError: (error: unknown) => void,
): ResponseThen {
  const closing = ResponseThen.from(response, [], { onError });
  for (const closer of closers) closing.onFinished(() => closer());
  return closing;
}
