// The init of a response: a dictionary, or a response that it is made of.
import { tagOf } from "./expected.ts";

export type ResponseInitOf = NonNullable<ConstructorParameters<typeof Response>[1]>;

/** By its tag, not by instanceof: there may be several classes. */
export function isResponse(value: unknown): value is Response {
  return tagOf(value) === "Response";
}

const { Headers: Own } = globalThis;

/**
 * The init of a response that is made of one of the platform's. Where a test has replaced the globals (msw) it is a
 * dictionary: of headers that these have not made copies would be empty.
 */
export function toInit(response: Response): ResponseInitOf {
  // It may keep more in it than a dictionary can say, and a copy costs.
  if (Headers === Own) return response as ResponseInitOf;
  const { status, statusText, headers } = response;
  return { status, statusText, headers: new Headers(headers) };
}

/** In the init, for there a server's own class and those who mock the platform see it. */
export function withContentType(init: ResponseInitOf | undefined, type: string): ResponseInitOf | undefined {
  if (isResponse(init)) return init;
  const headers = new Headers(init?.headers as HeadersInit | undefined);
  if (!headers.has("content-type")) headers.set("content-type", type);
  return Object.create(init ?? null, { headers: { value: headers, enumerable: true } });
}
