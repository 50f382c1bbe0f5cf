import { ALL, BUN, DENO, type Difference, FROM, HTTP_1_1, LONG, NATIVE, REPLACED, STREAMS } from "./difference.ts";

const ways = ["adapter"] as const;

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
    why: "It writes the length, or the chunks, after the date",
    servers: REPLACED,
    ways,
    cases: ["from a string", "from json", "streamed gzip by hand", "re-wrapped stream"],
    says: ["order of headers"],
  },
  {
    why: "It adds no content-type to headers that are a plain object",
    servers: REPLACED,
    ways,
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
    why: "The server's own Response calls every blob text/plain",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["blob"],
    says: ["Content-Type: text/plain; charset=UTF-8 → content-type: text/x-blob"],
  },
  {
    why: "Which is in headers that are an object, and so before the length",
    servers: REPLACED,
    ways,
    requests: HTTP_1_1,
    cases: ["blob"],
    says: ["order of headers"],
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
      why: "Bun writes the type that it adds itself in lower case; ours it gets in the headers",
      cases: ["string of 200 kB", "form data", "blob", "search params"],
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
      why: "Bun tells the type of a blob only with its body; ours it gets in the headers",
      requests: ["HEAD"],
      cases: ["blob"],
      says: ["+Content-Type: text/x-blob"],
    }),
  ];
}

function onDeno(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: DENO, ways });
  return [
    row({
      why: "What is longer than 64 KiB, or made by from(), or was re-wrapped, is watched as a stream, and has no length",
      cases: [...LONG, ...FROM, "re-wrapped string"],
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
      requests: ALL,
      cases: ["json with an init", "form data", "blob"],
      says: ["Content-Type → content-type"],
    }),
    row({
      why: "And puts it behind the others",
      cases: ["json with an init"],
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
