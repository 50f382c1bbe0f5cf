// What a client gets, byte for byte: every answer of ours against the plain Response's, on real workerds, by a raw
// socket. What wrapping makes different is in one table, DIFFERENCES, and asserted.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

/** An answer of HTTP/1.1, taken apart. */
interface Answer {
  readonly status: string;
  /** As they came, without those of the framing. */
  readonly headers: readonly string[];
  readonly framing: string;
  readonly body: Buffer;
}

/** The body of the Worker's answer to `/next`. */
const NEXT = "the next answer";

/** The whole answer to a request; a second request on the same connection shows where it ends. */
async function ask(port: number, method: string, path: string): Promise<Answer> {
  const socket = connect(port, "127.0.0.1");
  const request = (line: string) => `${line} HTTP/1.1\r\nHost: worker.example\r\nAccept-Encoding: gzip\r\n\r\n`;
  socket.write(request(`${method} ${path}`) + request("GET /next"));
  // A hang must fail as what it is.
  const told = () => `${method} ${path} got ${received.length} bytes: ${received.toString("latin1", 0, 300)}`;
  socket.setTimeout(8_000, () => socket.destroy(new Error(`hung; ${told()}`)));
  let received = Buffer.alloc(0);
  for await (const data of socket) {
    received = Buffer.concat([received, data as Buffer]);
    if (received.subarray(-NEXT.length).toString("latin1") === NEXT) {
      return parse(received.subarray(0, received.lastIndexOf("HTTP/1.1 200 OK\r\n")), method);
    }
  }
  throw new Error(`the connection was closed; ${told()}`);
}

function parse(raw: Buffer, method: string): Answer {
  const end = raw.indexOf("\r\n\r\n");
  const [status = "", ...lines] = raw.subarray(0, end).toString("latin1").split("\r\n");
  const rest = raw.subarray(end + 4);
  const isFraming = (line: string) => /^(content-length|transfer-encoding):/i.test(line);
  const framing = lines.filter(isFraming).join(", ").toLowerCase();
  const body = framing === "transfer-encoding: chunked" && method !== "HEAD" ? unchunk(rest) : rest;
  const length = /^content-length: (\d+)$/.exec(framing)?.[1];
  if (length !== undefined && method !== "HEAD") expect(body.byteLength).toBe(Number(length));
  const headers = lines.filter((line) => !isFraming(line));
  return withFixedBoundary({ status, headers: withoutTime(headers), framing, body });
}

function unchunk(raw: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let rest = raw; ; ) {
    const line = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, line).toString("latin1"), 16);
    const after = line + 2 + size;
    expect(rest.subarray(after, after + 2).toString("latin1"), "the end of a chunk").toBe("\r\n");
    if (size === 0) {
      expect(rest.byteLength, "nothing after the last chunk").toBe(after + 2);
      return Buffer.concat(chunks);
    }
    chunks.push(rest.subarray(line + 2, after));
    rest = rest.subarray(after + 2);
  }
}

/** What the cache adds says when it was asked. */
function withoutTime(headers: readonly string[]): string[] {
  if (!headers.includes("CF-Cache-Status: HIT")) return [...headers];
  return headers.map((line) => line.replace(/^(Date|Age): .+/, "$1: …"));
}

/** Each FormData has a boundary of its own, of one length. */
function withFixedBoundary({ headers, body, ...rest }: Answer): Answer {
  const boundary = /boundary="?([^"\n]+)"?/.exec(headers.join("\n"))?.[1];
  if (boundary === undefined) return { headers, body, ...rest };
  const fix = (text: string) => text.replaceAll(boundary, "BOUNDARY");
  return { ...rest, headers: headers.map(fix), body: Buffer.from(fix(body.toString("latin1")), "latin1") };
}
const OLD = "workerd 1.20260730";
const NEW = "workerd 1.20261023";
type Way = "alone" | "wrapped";

/** What cannot be as on the plain response; all else must be. */
interface Difference {
  readonly reason: string;
  readonly way: Way;
  readonly cases: readonly string[];
  /** What the plain response's becomes. */
  readonly framing: string;
  readonly method?: string;
  readonly host?: string;
}

/** Streams of the runtime's own, which know their length. */
const NATIVE_OF_LENGTH = [
  "form-data",
  "fixed-length-stream",
  "fetch-with-length",
  "status-text-from",
  "headers-from",
  "native-clone-of-length",
  "cache-put-then-match",
  "cf",
];
const FIXED = [
  ...["string", "empty-string", "string-of-300-kB", "bytes", "buffer", "blob", "url-search-params"],
  ...[
    "encode-body-manual",
    "status-text",
    "headers",
    "own-clone-of-string",
    "rewrapped-string",
    "cache-put-of-a-clone",
  ],
];

const DIFFERENCES: readonly Difference[] = [
  {
    reason: "Alone there is only a stream to watch, and the runtime does not know the length of a stream",
    way: "alone",
    cases: [...FIXED, ...NATIVE_OF_LENGTH, "fetch-gzip", "nested-string"],
    framing: "transfer-encoding: chunked",
  },
  {
    reason: "Read through JavaScript it is unzipped and zipped again",
    way: "wrapped",
    cases: ["fetch-gzip"],
    framing: "transfer-encoding: chunked",
  },
  {
    reason: "As with GET; this workerd then says nothing of the body",
    way: "alone",
    method: "HEAD",
    host: NEW,
    cases: ["string"],
    framing: "",
  },
  {
    reason: "As with GET; this workerd announces chunks to HEAD too",
    way: "alone",
    method: "HEAD",
    host: OLD,
    cases: ["string"],
    framing: "transfer-encoding: chunked",
  },
  {
    reason: "The body of a HEAD is not given to the runtime, and this workerd announces chunks for one that is",
    way: "wrapped",
    method: "HEAD",
    host: OLD,
    cases: ["js-stream"],
    framing: "",
  },
];

/** Cases that build more responses of ours than one. */
const BUILT: Readonly<Record<string, number>> = {
  "nested-fetch": 2,
  "nested-string": 2,
  "nested-js-stream": 3,
  "cache-put-then-match": 2,
};

const HEAD_CASES = ["string", "js-stream", "fetch-with-length", "304", "redirect"];
const CASES = [
  "204",
  "304",
  "string",
  "empty-string",
  "string-of-300-kB",
  "bytes",
  "buffer",
  "blob",
  "form-data",
  "url-search-params",
  "js-stream",
  "js-stream-with-content-length",
  "byte-stream",
  "byte-stream-closed-without-respond",
  "byte-stream-answering-byob",
  "byte-stream-enqueued-at-once",
  "byte-stream-pushed",
  "identity-stream",
  "fixed-length-stream",
  "transform-stream",
  "fetch-with-length",
  "fetch-chunked",
  "fetch-rewrapped",
  "fetch-gzip",
  "fetch-404",
  "fetch-204",
  "encode-body-manual",
  "encode-body-manual-stream",
  "encode-body-automatic",
  "status-text",
  "status-text-from",
  "headers",
  "headers-from",
  "null-body",
  "redirect",
  "html-rewriter",
  "html-rewriter-inside",
  "html-rewriter-of-fetch",
  "compression-stream",
  "compression-stream-around",
  "native-clone",
  "native-clone-of-length",
  "own-clone",
  "own-clone-of-string",
  "own-clone-of-fetch",
  "nested-fetch",
  "nested-string",
  "nested-js-stream",
  "rewrapped-string",
  "rewrapped-fetch",
  "cache-put-of-a-clone",
  "cache-put-then-match",
  "cache-put-of-the-response",
  "cache-put-of-a-fetch",
  "cf",
];

describe.each([
  [OLD, undefined],
  [NEW, newestWorkerd],
])("%s", (host, binary) => {
  describe.each([["with"], ["without"]])("%s enable_request_signal", (flag) => {
    let worker: Running;
    let upstream: Server;
    let requests = 0;
    /** What every request's callbacks saw. */
    const seen = new Map<string, string[]>();

    beforeAll(async () => {
      // Workers keeps its connections, and one that is closed while it is used again fails.
      upstream = createServer({ keepAliveTimeout: 0 }, respond);
      upstream.listen(0, "127.0.0.1");
      await once(upstream, "listening");
      const { port } = upstream.address() as { port: number };
      worker = await startWorker(new URL("./wire-worker.ts", import.meta.url), {
        ...(binary !== undefined && { binary }),
        flags: [flag === "with" ? "enable_request_signal" : "disable_request_signal"],
        bindings: { UPSTREAM: `http://127.0.0.1:${port}` },
      });
    });
    afterAll(async () => {
      await worker.close();
      upstream.closeAllConnections();
      upstream.close();
    });

    const get = async (path: string) => (await fetchOnce(`http://127.0.0.1:${worker.port}${path}`)).json();

    /** What the callbacks of a request saw, once `count` of them have run. */
    async function waitForSeen(id: string, count: number): Promise<string[]> {
      const begun = performance.now();
      for (;;) {
        const list = (await get(`/seen?id=${id}`)) as string[];
        if (list.length >= count || performance.now() - begun > 15_000) return list;
        await pause(20);
      }
    }

    test("the list of cases is the Worker's", async () => {
      expect(await get("/cases")).toEqual(CASES);
    });

    for (const [method, name] of [...CASES.map((name) => ["GET", name]), ...HEAD_CASES.map((name) => ["HEAD", name])]) {
      for (const way of ["alone", "wrapped"] as const) {
        const difference = DIFFERENCES.find(
          (one) =>
            one.way === way &&
            (one.method ?? "GET") === method &&
            (one.host ?? host) === host &&
            one.cases.includes(name as string),
        );
        const fact = difference ? `is framed otherwise than a plain one (${difference.reason})` : "is as a plain one";
        test.concurrent(`${way}: ${method} ${name} ${fact}; one callback`, async ({ expect }) => {
          const [plainId, id] = [String(++requests), String(++requests)];
          const plain = await ask(worker.port, method as string, `/plain/${name}?id=${plainId}`);
          const ours = await ask(worker.port, method as string, `/${way}/${name}?id=${id}`);
          if (difference) expect(plain.framing).not.toBe(difference.framing);
          expect(ours.body.equals(plain.body), `${ours.body.length} bytes are the plain ${plain.body.length}`).toBe(
            true,
          );
          expect({ ...ours, body: "" }).toEqual({
            ...plain,
            ...(difference && { framing: difference.framing }),
            body: "",
          });
          const built = BUILT[name as string] ?? 1;
          const endings = Array.from({ length: built }, (_, i) => `${i + 1} completed`);
          const list = await waitForSeen(id, built);
          seen.set(id, list);
          expect([...list].sort()).toEqual(endings);
        });
      }
    }

    test("no callback ran a second time, and the Worker complained of nothing", async () => {
      for (const [id, list] of seen) expect(await get(`/seen?id=${id}`)).toEqual(list);
      expect(worker.complaints()).toBe("");
    });
  });
});

/** The server that a Worker fetches from. */
function respond({ url }: IncomingMessage, response: ServerResponse): void {
  const body = Buffer.alloc(200_000, "upstream ");
  response.setHeader("date", "Thu, 01 Jan 1970 00:00:00 GMT");
  switch (url) {
    case "/length":
      return void response
        .writeHead(200, { "content-length": body.byteLength, "content-type": "text/plain" })
        .end(body);
    case "/cacheable":
      return void response
        .writeHead(200, { "content-length": body.byteLength, "cache-control": "max-age=60" })
        .end(body);
    case "/chunked":
      response.writeHead(200, "Fine", { "content-type": "text/plain", "x-up": "1" });
      response.write(body.subarray(0, 100_000));
      return void setTimeout(() => response.end(body.subarray(100_000)), 20);
    case "/gzip": {
      const zipped = gzipSync(body);
      return void response
        .writeHead(200, {
          "content-encoding": "gzip",
          "content-length": zipped.byteLength,
          "content-type": "text/plain",
        })
        .end(zipped);
    }
    case "/html":
      return void response.writeHead(200, { "content-type": "text/html" }).end("<p>one</p>".repeat(1000));
    case "/empty":
      return void response.writeHead(204, { "x-up": "1" }).end();
    default:
      return void response.writeHead(404, { "x-up": "1" }).end("missing");
  }
}
