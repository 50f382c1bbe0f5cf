import {
  ALL,
  BUN,
  DENO,
  type Difference,
  FROM,
  HTTP_1_1,
  LONG,
  NATIVE,
  REPLACED,
  STREAMS,
  TEXTS,
  TYPED,
  UNTYPED,
  WITH_BODY,
  WRITERS,
} from "./difference.ts";

const ways = ["class"] as const;
/** Of the Response that the server puts in the place of the global one, which knows how long these are. */
const FIXED = [...TEXTS, ...UNTYPED, ...TYPED, ...LONG, "blob"].filter((name) => !FROM.includes(name));

/** The class alone: there is only a stream to watch, of which the server does not know the length. */
export const ofTheClass: readonly Difference[] = [
  {
    why: "The server's own Response is sent by a way of its own, which writes the names otherwise; a stream is not",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: [...TEXTS, ...UNTYPED, ...LONG, ...STREAMS],
    says: ["Content-Type → content-type"],
  },
  {
    why: "The same; it calls every blob text/plain",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["blob"],
    says: ["Content-Type: text/plain; charset=UTF-8 → content-type: text/x-blob"],
  },
  {
    why: "The same; it reads nothing ahead of a stream that it was given, and so does not know how long that is",
    servers: REPLACED,
    ways,
    requests: HTTP_1_1,
    cases: FIXED,
    says: ["-Content-Length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "The same; these it sends as the native one",
    servers: REPLACED,
    ways,
    requests: HTTP_1_1,
    cases: ["buffer", "search params"],
    says: ["-content-length", "+Transfer-Encoding: chunked"],
  },
  {
    why: "HTTP/1.0 and the answer to a HEAD have no chunks",
    servers: REPLACED,
    ways,
    requests: ["HTTP/1.0", "HTTP/1.0 with keep-alive", "HEAD"],
    cases: FIXED,
    says: ["-Content-Length"],
  },
  {
    why: "Without a length, only the end of the connection tells HTTP/1.0 the end of the body",
    servers: REPLACED,
    ways,
    requests: ["HTTP/1.0 with keep-alive"],
    cases: FIXED,
    says: ["closes", "Connection: keep-alive → Connection: close", "-Keep-Alive: timeout=5"],
  },
  {
    why: "What from() has made is around a native one: what comes in three reads at most gets its length from them",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: FROM,
    says: ["Content-Length → content-length"],
  },
  {
    why: "And that comes after the date, as do the chunks of what it does not read ahead",
    servers: REPLACED,
    ways,
    cases: ["from a string", "from json", "gzip by hand", "streamed gzip by hand", "re-wrapped stream"],
    says: ["order of headers"],
  },
  {
    why: "It adds no content-type to headers that are a plain object",
    servers: REPLACED,
    ways,
    requests: ALL,
    cases: ["content-length by hand", "stream with its length"],
    says: ["+content-type: text/plain; charset=UTF-8"],
  },
  {
    why: "Its content-type has a space",
    servers: REPLACED,
    ways,
    cases: ["clone of a string", "string whose clone is read", "re-wrapped string"],
    says: ["content-type: text/plain;charset=UTF-8 → content-type: text/plain; charset=UTF-8"],
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
  const SHORT = ["string", "500", "late string", "status text", "request read", "search params"];
  return [
    row({
      why: "Bun writes the type that it adds itself in lower case",
      cases: [
        ...[...SHORT, "string of 200 kB", "string whose clone is read", "clone of a string", "content-length by hand"],
        ...["blob", "form data"],
      ],
      says: ["content-type → Content-Type"],
    }),
    row({
      why: "Bun tells the length of a stream only where it ends within 256 bytes",
      requests: HTTP_1_1,
      cases: [...LONG, ...UNTYPED, "buffer", "blob", "form data"],
      says: ["-Content-Length", "+Transfer-Encoding: chunked"],
    }),
    row({
      why: "HTTP/1.0 has no chunks",
      requests: ["HTTP/1.0", "HTTP/1.0 with keep-alive"],
      cases: ["blob"],
      says: ["-Content-Length"],
    }),
    row({
      why: "A stream has no length that Bun could tell",
      requests: ["HEAD"],
      cases: [
        ...["string", "empty string", "string with headers and cookies", "blob", "404", "json", "from a string"],
        "content-length by hand",
      ],
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "Bun tells the type of a string only with its body, and of an empty one never",
      requests: ALL,
      cases: ["empty string"],
      says: ["+Content-Type: text/plain;charset=utf-8"],
    }),
    row({
      why: "Bun tells the type of a string only with its body",
      requests: ["HEAD"],
      cases: ["string", "content-length by hand"],
      says: ["+Content-Type: text/plain;charset=utf-8"],
    }),
    row({
      why: "Bun tells the type of a blob only with its body",
      requests: ["HEAD"],
      cases: ["blob"],
      says: ["+Content-Type: text/x-blob"],
    }),
    row({
      why: "Bun adds no type to a stream",
      cases: [...UNTYPED, "buffer", "bytes of 100 kB"],
      says: ["-content-type: application/octet-stream"],
    }),
    row({
      why: "Bun keeps the type of a string to itself, and from() cannot see it: see the limits in the README",
      cases: ["from a string"],
      says: ["-content-type: text/plain;charset=utf-8"],
    }),
    row({
      why: "Bun loses the type of a string when it is re-wrapped; ours is in the headers",
      cases: ["re-wrapped string"],
      says: ["content-type: application/octet-stream → Content-Type: text/plain;charset=utf-8", "order of headers"],
    }),
  ];
}

function onDeno(): Difference[] {
  const row = (difference: Omit<Difference, "servers" | "ways">) => ({ ...difference, servers: DENO, ways });
  const FIXED = [
    ...[...TEXTS, ...TYPED, ...LONG, "bytes", "buffer", "search params"],
    ...["re-wrapped string", "string whose clone is read"],
  ];
  return [
    row({
      why: "A stream has no length that Deno could tell",
      requests: HTTP_1_1,
      cases: FIXED,
      says: ["-content-length", "+transfer-encoding: chunked"],
    }),
    row({
      why: "HTTP/1.0 has no chunks",
      requests: ["HTTP/1.0", "HTTP/1.0 with keep-alive", "HEAD"],
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
      why: "And puts it behind the others",
      cases: ["json with an init", "headers set late"],
      says: ["order of headers"],
    }),
    row({
      why: "Deno's own redirects are written in upper case",
      requests: [...WITH_BODY, "HEAD"],
      cases: ["redirect"],
      says: ["Location → location"],
    }),
  ];
}
