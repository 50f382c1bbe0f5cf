// The init of a response: a dictionary, or a response that it is made of.
import { tagOf } from "./expected.ts";

export type ResponseInitOf = NonNullable<ConstructorParameters<typeof Response>[1]>;

/** By its tag, not by instanceof: there may be several classes. */
export function isResponse(value: unknown): value is Response {
  return tagOf(value) === "Response";
}

/** In the init, for there a server's own class and those who mock the platform see it. */
export function withContentType(init: ResponseInitOf | undefined, type: string): ResponseInitOf | undefined {
  if (isResponse(init)) return init;
  const headers = new Headers(init?.headers as HeadersInit | undefined);
  if (!headers.has("content-type")) headers.set("content-type", type);
  return Object.create(init ?? null, { headers: { value: headers, enumerable: true } });
}
