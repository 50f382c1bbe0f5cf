// Makes the `init` that a new response is built with. An `init` is a dictionary, or a response whose head is taken.
import { tagOf } from "./expected.ts";

export type ResponseInitOf = NonNullable<ConstructorParameters<typeof Response>[1]>;

/** Checks the tag, and not instanceof, because there may be several classes of Response. */
export function isResponse(value: unknown): value is Response {
  return tagOf(value) === "Response";
}

const { Headers: Own } = globalThis;

/**
 * The init for a response that is made of another one. If a test has replaced the globals (msw), it is a dictionary,
 * because the replacements would make empty copies of headers that they did not make.
 */
export function toInit(response: Response): ResponseInitOf {
  // A response may hold more than a dictionary can, and a copy costs time.
  if (Headers === Own) return response as ResponseInitOf;
  const { status, statusText, headers } = response;
  return { status, statusText, headers: new Headers(headers) };
}

/** Adds a content-type to an init, where a server's own class, or a mock of the platform, sees it. */
export function withContentType(init: ResponseInitOf | undefined, type: string): ResponseInitOf | undefined {
  if (isResponse(init)) return init;
  const headers = new Headers(init?.headers as HeadersInit | undefined);
  if (!headers.has("content-type")) headers.set("content-type", type);
  return Object.create(init ?? null, { headers: { value: headers, enumerable: true } });
}
