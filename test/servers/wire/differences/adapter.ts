import { ALL, BUN, DENO, type Difference, HTTP_1_1, LONG, NATIVE, REPLACED, STREAMS } from "./difference.ts";

const ways = ["adapter"] as const;
/** Responses of ours that were made of somebody else's, of which there is only the stream. */
const FROM = ["from a string", "from a string with headers", "from json"];

/** A ResponseThen by the adapter: what is fixed is sent as without us, where the adapter may know it. */
export const byTheAdapter: readonly Difference[] = [
  {
    why: "The server's own Response is sent by a way of its own, which writes the names otherwise; a watched stream is not",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: [...STREAMS, "from a string"],
    says: ["Content-Type → content-type"],
  },
  {
    why: "The same; a short stream gets its length from the reads",
    servers: REPLACED,
    ways,
    cases: FROM,
    says: ["Content-Length → content-length"],
  },
  {
    why: "The same; it reads nothing ahead of a stream, and so does not see that it is short",
    servers: REPLACED,
    ways,
    cases: ["streamed gzip by hand"],
    says: ["-Transfer-Encoding: chunked", "+content-length"],
  },
  {
    why: "The same; it writes the length after the date",
    servers: REPLACED,
    ways,
    cases: ["from a string", "from json", "streamed gzip by hand", "re-wrapped stream"],
    says: ["order of headers"],
  },
  {
    why: "The same; it adds no content-type to headers that are a plain object",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["stream with its length"],
    says: ["+content-type: text/plain; charset=UTF-8"],
  },
  {
    why: "Its json() has headers that are a plain object, and with these it writes the length after the date",
    servers: REPLACED,
    ways,
    cases: ["json"],
    says: ["order of headers"],
  },
  {
    why: "Our copy of a buffer is an Uint8Array, which the server's own Response sends by its shorter way",
    servers: REPLACED,
    ways,
    cases: ["buffer"],
    says: ["content-type → Content-Type", "content-length → Content-Length", "order of headers"],
  },
  {
    why: "A clone makes the server's own Response a native one, which ours need not become",
    servers: REPLACED,
    ways,
    cases: ["string whose clone is read"],
    says: [
      "content-type: text/plain;charset=UTF-8 → content-type: text/plain; charset=UTF-8",
      "content-length → Content-Length",
    ],
  },
  {
    why: "The content-type of the server's own Response has a space, that of the native one has none",
    servers: REPLACED,
    ways,
    cases: ["re-wrapped string", "clone of a string"],
    says: ["content-type: text/plain;charset=UTF-8 → content-type: text/plain; charset=UTF-8"],
  },
  {
    why: "To a HEAD no body is given, and what was made by from() has only its stream to tell the length",
    servers: REPLACED,
    ways,
    requests: ["HEAD"],
    cases: ["from a string"],
    says: ["-Content-Length"],
  },
  {
    why: "To a HEAD no body is given, and what was made by from() has only its stream to tell the length",
    servers: [NATIVE],
    ways,
    requests: ["HEAD"],
    cases: ["from a string"],
    says: ["-content-length"],
  },
  {
    why: "To a HEAD no body is given, and the server adds a content-type only to what has a body",
    servers: [NATIVE],
    ways,
    requests: ["HEAD"],
    cases: ["stream", "stream with its length"],
    says: ["-content-type: text/plain; charset=UTF-8"],
  },
  ...onBun(),
  ...onDeno(),
];

function onBun(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: BUN, ways });
  return [
    row({
      why: "What is longer than 64 KiB, and form data, are watched as a stream, and Bun does not know the length of one",
      cases: [...LONG, "form data"],
      says: ["-Content-Length", "+Transfer-Encoding: chunked"],
    }),
    row({
      why: "Bun writes the type that it adds itself in lower case",
      cases: ["string of 200 kB", "form data"],
      says: ["content-type → Content-Type"],
    }),
    row({
      why: "Bun adds no type to a stream",
      cases: ["bytes of 100 kB"],
      says: ["-content-type: application/octet-stream"],
    }),
    row({
      why: "Bun keeps the type of a string to itself, and from() cannot see it: see the limits in the README",
      cases: ["from a string"],
      says: ["-content-type: text/plain;charset=utf-8"],
    }),
    row({
      why: "To a HEAD no content is given, and what was made by from() has only its stream to tell the length",
      requests: ["HEAD"],
      cases: ["from a string"],
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "To a HEAD Bun does not tell the length that was given with a stream; without the stream it does",
      requests: ["HEAD"],
      cases: ["stream with its length"],
      says: ["-transfer-encoding: chunked", "+content-length"],
    }),
    row({
      why: "Bun loses the type of a string when it is re-wrapped; ours is in the headers",
      cases: ["re-wrapped string"],
      says: ["content-type: application/octet-stream → content-type: text/plain;charset=utf-8"],
    }),
  ];
}

function onDeno(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: DENO, ways });
  return [
    row({
      why: "What is longer than 64 KiB, or made by from(), is watched as a stream, and Deno does not know the length of one",
      cases: [...LONG, ...FROM],
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "To a HEAD no content is given, and what was made by from() has only its stream to tell the length",
      requests: ["HEAD"],
      cases: ["from a string"],
      says: ["-content-length"],
    }),
    row({
      why: "Deno writes a type that it adds itself in upper case; ours it gets in the headers",
      cases: ["json with an init", "form data"],
      says: ["Content-Type → content-type"],
    }),
    row({
      why: "And puts it behind the others",
      cases: ["json with an init", "re-wrapped string"],
      says: ["order of headers"],
    }),
    row({
      why: "Deno's own redirects are written in upper case",
      requests: [...HTTP_1_1, "HEAD"],
      cases: ["redirect"],
      says: ["Location → location"],
    }),
  ];
}
