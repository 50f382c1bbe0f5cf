import {
  ALL,
  BUN,
  DENO,
  type Difference,
  HTTP_1_1,
  LONG,
  NATIVE,
  NODE_20,
  NODE_24_AND_26,
  REPLACED,
  STREAMS,
  TEXTS,
  TYPED,
  UNTYPED,
  WRITERS,
} from "./difference.ts";

const ways = ["callback"] as const;
const HTTP_1_0 = ["HTTP/1.0", "HTTP/1.0 with keep-alive"];
const CLONES = ["clone of a string", "string whose clone is read"];
const WITHOUT_EMPTY = TEXTS.filter((name) => name !== "empty string");

/** A plain Response to which the adapter adds a callback: of a finished Response there is only the stream. */
export const withACallback: readonly Difference[] = [
  {
    why: "The server's own Response is sent by a way of its own, which writes the names otherwise; a watched stream is not",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: [...TEXTS, ...UNTYPED, "blob", ...LONG, ...STREAMS],
    says: ["Content-Type → content-type"],
  },
  {
    why: "The same; what comes in three reads at most gets its length from them",
    servers: REPLACED,
    ways,
    cases: [...WITHOUT_EMPTY, ...UNTYPED, "blob", ...TYPED],
    says: ["Content-Length → content-length"],
  },
  {
    why: "The same; it writes the length after the date",
    servers: REPLACED,
    ways,
    requests: HTTP_1_1,
    cases: [
      ...[...WITHOUT_EMPTY, ...UNTYPED, "blob", "string with its content-type", "404", "json", "from json"],
      ...["gzip by hand", "streamed gzip by hand", "re-wrapped stream"],
    ],
    says: ["order of headers"],
  },
  {
    why: "The same; an empty stream too",
    servers: NODE_24_AND_26,
    ways,
    cases: ["empty string"],
    says: ["Content-Length → content-length"],
  },
  {
    why: "The same; an empty stream too",
    servers: NODE_24_AND_26,
    ways,
    requests: HTTP_1_1,
    cases: ["empty string"],
    says: ["order of headers"],
  },
  {
    why: "On Node 20 three reads do not get to the end of an empty stream",
    servers: [NODE_20],
    ways,
    requests: HTTP_1_1,
    cases: ["empty string"],
    says: ["-Content-Length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "On Node 20 three reads do not get to the end of an empty stream",
    servers: [NODE_20],
    ways,
    requests: HTTP_1_0,
    cases: ["empty string"],
    says: ["-Content-Length"],
  },
  {
    why: "Without a length, only the end of the connection tells HTTP/1.0 the end of the body",
    servers: [NODE_20],
    ways,
    requests: ["HTTP/1.0 with keep-alive"],
    cases: ["empty string"],
    says: ["closes", "Connection: keep-alive → Connection: close", "-Keep-Alive: timeout=5"],
  },
  {
    why: "Three reads do not get all of it",
    servers: REPLACED,
    ways,
    cases: LONG,
    says: ["-Content-Length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "Three reads do not get to the end of a clone's branch that is wrapped once more",
    servers: [...REPLACED, NATIVE],
    ways,
    cases: CLONES,
    says: ["-content-length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "It reads nothing ahead of a stream of its own Response, and so does not see that it is short",
    servers: REPLACED,
    ways,
    cases: ["streamed gzip by hand"],
    says: ["-Transfer-Encoding: chunked", "+content-length"],
  },
  {
    why: "It adds no content-type to headers that are a plain object",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["stream with its length"],
    says: ["+content-type: text/plain; charset=UTF-8"],
  },
  {
    why: "It adds no content-type to headers that are a plain object; the native one does",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["content-length by hand"],
    says: ["+content-type: text/plain;charset=UTF-8"],
  },
  {
    why: "To a HEAD no body is given, and only the stream could tell the length",
    servers: REPLACED,
    ways,
    requests: ["HEAD"],
    cases: [...TEXTS, ...TYPED, "blob"],
    says: ["-Content-Length"],
  },
  {
    why: "To a HEAD no body is given, and only the stream could tell the length",
    servers: [NATIVE],
    ways,
    requests: ["HEAD"],
    cases: [...TEXTS, ...TYPED, "blob"],
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
  {
    why: "Three reads do not get all of it",
    servers: [NATIVE],
    ways,
    cases: LONG,
    says: ["-content-length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "Chunks are cut at 64 KiB, or they would count as handed over too early",
    servers: WRITERS,
    ways,
    cases: ["string of 200 kB"],
    says: ["chunks 200000 → 65536,65536,65536,3392"],
  },
  {
    why: "Chunks are cut at 64 KiB, or they would count as handed over too early",
    servers: WRITERS,
    ways,
    cases: ["bytes of 100 kB"],
    says: ["chunks 100000 → 65536,34464"],
  },
  ...onBun(),
  ...onDeno(),
];

function onBun(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: BUN, ways });
  return [
    row({
      why: "Bun tells the length of a stream only where it ends within 256 bytes",
      requests: HTTP_1_1,
      cases: [...LONG, ...UNTYPED, "buffer", "blob", "form data"],
      says: ["-Content-Length", "+Transfer-Encoding: chunked"],
    }),
    row({
      why: "HTTP/1.0 has no chunks",
      requests: HTTP_1_0,
      cases: ["blob"],
      says: ["-Content-Length"],
    }),
    row({
      why: "To a HEAD no content is given, and only the stream could tell the length",
      requests: ["HEAD"],
      cases: [...TEXTS, "string with headers and cookies", "404", "json", "blob"],
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "Bun writes the type that it adds itself in lower case",
      cases: ["blob", "search params", "form data"],
      says: ["content-type → Content-Type"],
    }),
    row({
      why: "To a HEAD Bun does not tell the length that was given with a stream; without the stream it does",
      requests: ["HEAD"],
      cases: ["stream with its length"],
      says: ["-transfer-encoding: chunked", "+content-length"],
    }),
    row({
      why: "Bun tells the type of a blob only with its body",
      requests: ["HEAD"],
      cases: ["blob"],
      says: ["+Content-Type: text/x-blob"],
    }),
    row({
      why: "Bun keeps the type of a string to itself, and adds none to a stream: see the limits in the README",
      cases: [...WITHOUT_EMPTY, "string of 200 kB", "content-length by hand", ...CLONES],
      says: ["-content-type: text/plain;charset=utf-8"],
    }),
    row({
      why: "Bun adds no type to a stream",
      cases: [...UNTYPED, "buffer", "bytes of 100 kB", "re-wrapped string"],
      says: ["-content-type: application/octet-stream"],
    }),
  ];
}

function onDeno(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: DENO, ways });
  const FIXED = [...[...TEXTS, ...TYPED, ...LONG, "bytes", "buffer", "search params", "re-wrapped string", ...CLONES]];
  return [
    row({
      why: "A stream has no length that Deno could tell",
      requests: HTTP_1_1,
      cases: FIXED,
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "HTTP/1.0 has no chunks",
      requests: HTTP_1_0,
      cases: FIXED,
      says: ["-content-length"],
    }),
    row({
      why: "To a HEAD no content is given, and only the stream could tell the length",
      requests: ["HEAD"],
      cases: FIXED,
      says: ["-content-length"],
    }),
    row({
      why: "Without a length, only the end of the connection tells HTTP/1.0 the end of the body",
      requests: ["HTTP/1.0 with keep-alive"],
      cases: ["string", "empty string", "string with headers and cookies"],
      says: ["closes", "-connection: keep-alive"],
    }),
    row({
      why: "Deno writes a type that it adds itself in upper case",
      requests: ALL,
      cases: [
        ...["500", "status text", "json with an init", "headers set late", "blob", "form data"],
        "content-length by hand",
      ],
      says: ["Content-Type → content-type"],
    }),
    row({
      why: "The headers of a Response that is wrapped come in the order of the alphabet",
      cases: ["json with an init", "headers set late", "re-wrapped string", "gzip by hand", "streamed gzip by hand"],
      says: ["order of headers"],
    }),
    row({
      why: "Deno's own redirects are written in upper case",
      requests: ALL,
      cases: ["redirect"],
      says: ["Location → location"],
    }),
  ];
}
