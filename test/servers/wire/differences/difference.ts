/** How a response is sent. */
export type Way =
  /** A ResponseThen, with no adapter. */
  | "class"
  /** A ResponseThen, by the adapter. */
  | "adapter"
  /** A plain Response, by the adapter: must be sent as without us. */
  | "untouched"
  /** A plain Response, by the adapter, which has a callback for it: must be sent as without us. */
  | "callback";

/** What is not as on the wire without us; all else must be. */
export interface Difference {
  readonly why: string;
  readonly servers: readonly string[];
  readonly ways: readonly Way[];
  /** Default: all but HEAD. */
  readonly requests?: readonly string[];
  readonly cases: readonly string[];
  /** In the words of `differencesOf`. */
  readonly says: readonly string[];
}

export const ALL: readonly string[] = ["GET", "HEAD", "POST", "HTTP/1.0", "HTTP/1.0 with keep-alive", "GET with close"];
export const WITH_BODY: readonly string[] = ALL.filter((name) => name !== "HEAD");
export const HTTP_1_1: readonly string[] = ["GET", "POST", "GET with close"];

const HONO = "@hono/node-server";
/** With the Response that they put in the place of the global one, which is sent by a shorter way. */
export const REPLACED: readonly string[] = [HONO, `${HONO} on Node 20`, `${HONO} on Node 26`];
export const NATIVE = `${HONO}, own Response`;
/** Those that write what they read, chunk by chunk. */
export const WRITERS: readonly string[] = ["srvx on Node", "Fastify", "Express"];
export const BUN: readonly string[] = ["Bun.serve", "srvx on Bun"];
export const DENO: readonly string[] = ["Deno.serve", "srvx on Deno"];

// Cases that are alike.
export const TEXTS: readonly string[] = [
  ...["string", "empty string", "late string", "500", "status text", "from a string", "request read"],
];
export const UNTYPED: readonly string[] = ["bytes", "blob without a type"];
export const TYPED: readonly string[] = [
  ...["string with its content-type", "string with headers and cookies", "404", "json", "json with an init"],
  ...["from a string with headers", "from json", "headers set late", "gzip by hand"],
];
/** Made of somebody else's responses, of which there is only the stream. */
export const FROM: readonly string[] = ["from a string", "from a string with headers", "from json"];
export const LONG: readonly string[] = ["string of 200 kB", "bytes of 100 kB"];
export const STREAMS: readonly string[] = ["stream", "stream of bytes", "stream that is pulled", "stream that fails"];
