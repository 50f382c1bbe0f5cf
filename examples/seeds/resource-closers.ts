// Django keeps a list on every response. Whoever opens something appends its closer; when the server calls close(), each
// closer runs though another one failed, the list is cleared, a flag says that the response is closed, and last of all
// the signal request_finished is sent:
//
//   response = FileResponse(open(path, "rb"))
//   response._resource_closers.append(connection.close)
//   …
//   response.close()
//   assert response.closed
//
// The difference: a closer that fails is reported, not swallowed. Closers start in their order and run concurrently. One
// that comes after the end runs at once, where Django's would be kept for a close() that never comes. The signal is
// `responseFinished`, and it is last here too.
import { ResponseThen } from "response-then";

/** A response, and whether it is closed. */
export interface Closing {
  readonly response: ResponseThen;
  readonly closed: () => boolean;
}

/** Gives closers to a response that somebody else made. */
export function closeAfter(
  made: Response,
  closers: readonly (() => unknown)[],
  onError: (error: unknown) => void,
): Closing {
  let closed = false;
  const response = ResponseThen.from(made, [], { onError });
  for (const closer of closers) response.onFinished(() => closer());
  response.onFinished(() => {
    closed = true;
  });
  return { response, closed: () => closed };
}
