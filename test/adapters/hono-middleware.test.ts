// Hono's built-in middlewares and helpers on real servers: what the callbacks are told is what went out, and what goes
// out is what goes out without the library.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Observed, Phase } from "../../adapters/hono.ts";
import type { HonoEvent, Way } from "../hosts/hono-app.ts";
import type { Host, Running } from "../hosts/host.ts";
import { processHost } from "../hosts/process.ts";
import { newestWorkerd, startWorker, type WorkerOptions } from "../hosts/workerd.ts";
import { installed } from "../servers/shutdown/process.ts";

interface Case {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The status on the wire. */
  readonly status: number;
  /** Whether no body goes out. */
  readonly empty?: true;
  /** Whether a text goes out: by the response that was given it, or by one that a middleware made of its stream. */
  readonly text?: "given" | "re-wrapped";
  /** Whether what goes out is a plain response, also where the handler's own is a `ResponseThen`. */
  readonly plain?: true;
  /** How often it is asked; default 1. */
  readonly times?: number;
  /** What the callback of the handler's own response is told, where that is not what goes out; `null` where there is none. */
  readonly own?: {
    type?: string;
    observed?: Observed;
    phase?: Phase;
    bytes?: number;
    status?: number;
    times?: number;
  } | null;
}

/** What is watched of what goes out. */
interface Watched {
  readonly body: Observed;
  /** Of a response without a body, and of one to a HEAD. */
  readonly empty: Observed;
  /** Of a text, by whose response it goes out. */
  readonly given: Record<"plain" | "own", Observed>;
  readonly "re-wrapped": Record<"plain" | "own", Observed>;
}

const pulled = { plain: "pulled", own: "pulled" } as const;
const handedOver = { plain: "handed-over", own: "handed-over" } as const;
const BODY: Watched = { body: "pulled", empty: "handed-over", given: pulled, "re-wrapped": pulled };
const flushed = { plain: "flushed", own: "flushed" } as const;
// Node tells when the last byte is flushed, whatever goes out.
const NODE: Watched = { body: "flushed", empty: "flushed", given: flushed, "re-wrapped": flushed };
// Bun shows a text without its being touched, and a stream where a middleware has touched it.
const BUN: Watched = { ...BODY, given: { ...pulled, plain: "handed-over" } };
// Workers tell the length of a text, whoever has touched it.
const WORKERS: Watched = { ...BUN, "re-wrapped": BUN.given };
// Deno tells when it is done with what it was given; one of ours that was taken apart is watched.
const DENO: Watched = { ...BODY, given: handedOver, "re-wrapped": { ...handedOver, own: "pulled" } };

const gzip = { "accept-encoding": "gzip" };

const cases: Record<string, Case> = {
  "etag() that answers 200": { path: "etag", status: 200, text: "given" },
  "etag() that answers 304": { path: "etag", headers: { "if-none-match": "*" }, status: 304, empty: true },
  "etag() of a stream that answers 200": { path: "etag-of-stream", status: 200 },
  "etag() of a stream that answers 304": {
    path: "etag-of-stream",
    headers: { "if-none-match": "*" },
    status: 304,
    empty: true,
  },
  "etag() for a HEAD": { path: "etag", method: "HEAD", status: 200, empty: true },
  "compress() of a text": { path: "compress", headers: gzip, status: 200 },
  "compress() of a stream": { path: "compress-of-stream", headers: gzip, status: 200 },
  "compress() for a client that takes none": { path: "compress", status: 200, text: "re-wrapped" },
  "compress() inside etag()": { path: "compress-and-etag", headers: gzip, status: 200 },
  "cors()": { path: "cors", headers: { origin: "https://app.example" }, status: 200, text: "re-wrapped" },
  "cors() for a preflight": {
    path: "cors",
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "PUT" },
    status: 204,
    empty: true,
    own: null,
  },
  "secureHeaders()": { path: "secure-headers", status: 200, text: "given" },
  "timing()": { path: "timing", status: 200, text: "given" },
  // It reads a copy, cancels the body and sends another.
  "prettyJSON()": { path: "pretty-json?pretty", status: 200, text: "re-wrapped", plain: true },
  "prettyJSON() that is not asked for": { path: "pretty-json", status: 200, text: "given" },
  "c.header() after next": { path: "header-after-next", status: 200 },
  "c.res = new Response(c.res.body, c.res)": { path: "re-wrapped", status: 200 },
  "bodyLimit() that answers 413": {
    path: "body-limit",
    method: "POST",
    body: "x".repeat(100),
    status: 413,
    text: "re-wrapped",
    own: null,
  },
  "bodyLimit() that lets pass": { path: "body-limit", method: "POST", body: "x", status: 200, text: "given" },
  "a middleware that answers 401": { path: "early", status: 401, text: "given", own: null },
  "a path that is not found": { path: "nowhere", status: 404, text: "given", own: null },
  // What was built and then not sent ends with the error.
  "app.onError after a throw": {
    path: "throws",
    status: 500,
    text: "given",
    plain: true,
    own: { type: "errored", observed: "handed-over", phase: "before-body", bytes: 0, status: 200 },
  },
  "an HTTPException with a response": { path: "http-exception", status: 429, text: "re-wrapped" },
  "an HTTPException with a message": { path: "http-exception-of-message", status: 403, text: "re-wrapped", own: null },
  "streamSSE()": { path: "sse", status: 200, own: null },
  "c.json()": { path: "json", status: 201, text: "given", own: null },
  "c.html()": { path: "html", status: 200, text: "given", own: null },
  "two cookies": { path: "cookies", status: 200, text: "given", own: null },
  "a text": { path: "text", status: 200, text: "given" },
  "a stream": { path: "stream", status: 200 },
  "HEAD of a text": { path: "text", method: "HEAD", status: 200, empty: true },
  "HEAD of a stream": { path: "stream", method: "HEAD", status: 200, empty: true },
  "HEAD of c.json()": { path: "json", method: "HEAD", status: 201, empty: true, own: null },
  "a body of null": { path: "nothing", status: 204, empty: true },
  "a redirect": { path: "redirect", status: 302, empty: true },
  "c.redirect()": { path: "hono-redirect", status: 302, empty: true, own: null },
};

/** Only where there is a Cache API. The second answer is the cache's, a plain one, and the handler is not asked. */
const cached: Record<string, Case> = {
  "cache() that misses": { path: "cache", status: 200, text: "re-wrapped" },
  "cache() that hits": { path: "cache", status: 200, text: "re-wrapped", times: 2, own: { times: 1 } },
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

interface Server {
  readonly host: Host;
  readonly watched: Watched;
  readonly table?: Record<string, Case>;
  /**
   * Whether the server itself compresses what says `content-encoding: gzip`, once more after `compress()` and with or
   * without the library: an outcome's bytes are counted before that.
   */
  readonly encodes?: boolean;
  /** Cases of plain responses without a content-type, to which the runtime adds one, but not where a body is watched. */
  readonly untyped?: readonly string[];
  /** Cases of plain responses with a content-length, but not where a body is watched. */
  readonly unframed?: readonly string[];
}

function middlewares({ host, watched, table = cases, encodes = false, untyped = [], unframed = [] }: Server): void {
  describe(host.name, () => {
    let server: Running;
    const counts = new Map<string, number>();

    beforeAll(async () => {
      server = await host.start();
    });
    afterAll(() => server.close());

    async function send(path: string, { method, headers, body }: Partial<Case> = {}): Promise<Answer> {
      const url = new URL(path, `http://127.0.0.1:${server.port}`);
      const outgoing = request(url, { method: method ?? "GET", headers: headers ?? {}, agent: false });
      outgoing.end(body);
      const [message] = (await once(outgoing, "response")) as [IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      return { status: message.statusCode, headers: message.headers, body: Buffer.concat(chunks) };
    }

    async function ask(way: Way, id: string, asked: Case): Promise<Answer> {
      const separator = asked.path.includes("?") ? "&" : "?";
      return send(`/${way}/${asked.path}${separator}id=${encodeURIComponent(id)}`, asked);
    }

    /** The events of a request, once there are so many callbacks; more would show in the last test. */
    async function eventsOf(id: string, callbacks: number): Promise<HonoEvent[]> {
      counts.set(id, callbacks);
      let events: HonoEvent[] = [];
      for (let tries = 0; tries < 500; tries++) {
        events = JSON.parse(String((await send(`/events?id=${encodeURIComponent(id)}`)).body)) as HonoEvent[];
        if (callbacksOf(events).length >= callbacks) return events;
        await pause(20);
      }
      throw new Error(`${callbacks} callbacks were expected: ${JSON.stringify(events)}\n${server.complaints()}`);
    }

    for (const [name, asked] of Object.entries(table)) {
      const { status, times = 1, own } = asked;
      for (const way of ["plain", "own"] as const) {
        if (way === "own" && own === null) continue;
        const sentence = `${name}, ${way === "own" ? "a ResponseThen" : "a plain response"}`;
        test(`${sentence}: one call each, with what went out`, async () => {
          const id = sentence;
          const answers: Answer[] = [];
          for (let i = 0; i < times; i++) answers.push(await ask(way, id, asked));
          const answer = answers.at(-1) as Answer;
          expect(answer.status).toBe(status);
          const ownTimes = way === "own" ? (own?.times ?? times) : 0;
          const events = callbacksOf(await eventsOf(id, 2 * times + ownTimes));
          const { layers } = decoded(answer);
          const bytes = (layers[encodes ? 1 : 0] ?? answer.body).byteLength;
          const out = (time: number) => {
            const sent = asked.plain || time >= ownTimes ? "plain" : "own";
            const observed = asked.text ? watched[asked.text][sent] : watched[asked.empty ? "empty" : "body"];
            return { type: "completed", observed, bytes, status };
          };
          const { times: _, ...differs } = own ?? {};
          for (const at of ["own", "middleware", "onFinished"] as const) {
            const seen = events.filter((event) => event.at === at);
            const facts = Array.from({ length: at === "own" ? ownTimes : times }, (_, time) => ({
              at,
              ...out(time),
              ...(at === "own" ? differs : {}),
            }));
            expect(seen.map(({ headers: _, ...facts }) => facts)).toEqual(facts);
            // Who tells of the response that goes out shows its very headers.
            if (at === "own" && own) continue;
            for (const { headers } of seen) expect(comparable(answer.headers)).toMatchObject(comparable(headers));
          }
          expect(server.complaints()).toBe("");
        });

        test(`${sentence}: on the wire as without the library`, async () => {
          const id = `${sentence}, on the wire`;
          let [ours, bare]: (Answer | undefined)[] = [];
          for (let i = 0; i < times; i++) {
            ours = await ask(way, id, asked);
            bare = await ask("without", id, asked);
          }
          if (untyped.includes(name)) {
            expect([ours?.headers["content-type"], bare?.headers["content-type"]]).toEqual([
              undefined,
              "application/octet-stream",
            ]);
            delete bare?.headers["content-type"];
          }
          expect(readable(ours)).toEqual(readable(bare));
          // One of ours that is watched may be sent chunked.
          if (way === "plain" && !unframed.includes(name)) expect(framing(ours)).toEqual(framing(bare));
        });
      }
    }

    test("a callback of a stream runs after its source has ended, in the order own, middleware, onFinished", async () => {
      const id = "order";
      await ask("own", id, { path: "stream", status: 200 });
      const events = await eventsOf(id, 3);
      expect(events.map(({ at }) => at)).toEqual(["source", "own", "middleware", "onFinished"]);
    });

    test("a callback of streamSSE() runs after its last event", async () => {
      const id = "order of events";
      await ask("plain", id, { path: "sse", status: 200 });
      const events = await eventsOf(id, 2);
      expect(events.map(({ at }) => at)).toEqual(["source", "middleware", "onFinished"]);
    });

    // The last one: every second call has had its time by now.
    test("no callback has run twice", async () => {
      const all = JSON.parse(String((await send("/all-events")).body)) as Record<string, HonoEvent[]>;
      const seen = [...counts.keys()].map((id) => [id, callbacksOf(all[id] ?? []).length]);
      expect(seen).not.toEqual([]);
      expect(seen).toEqual([...counts]);
    });
  });
}

type CallbackEvent = Extract<HonoEvent, { at: "own" | "middleware" | "onFinished" }>;

function callbacksOf(events: HonoEvent[]): CallbackEvent[] {
  return events.filter((event): event is CallbackEvent => "type" in event);
}

/** Headers without the framing, which a watched body changes (docs/design.md), and without what tells the time. */
function comparable(headers: Record<string, unknown>): Record<string, unknown> {
  const { date, connection, "content-length": length, "transfer-encoding": framing, ...head } = headers;
  if ("server-timing" in head) head["server-timing"] = String(head["server-timing"]).replace(/dur=[\d.]+/g, "dur=…");
  // The message joins what the header list keeps apart; "two cookies" compares them on the wire.
  delete head["set-cookie"];
  return head;
}

/** How a body is told from what comes behind it. */
function framing({ headers }: Answer = { status: undefined, headers: {}, body: Buffer.of() }): unknown[] {
  return [headers["content-length"], headers["transfer-encoding"]];
}

/** A body in its layers of compression, as it came first. */
function decoded({ body }: Answer): { layers: Buffer[]; text: string } {
  const layers = [body];
  for (let layer = body; layer[0] === 0x1f && layer[1] === 0x8b; layers.push(layer)) layer = gunzipSync(layer);
  return { layers, text: String(layers.at(-1)) };
}

/** What a client makes of an answer. The same text may be compressed to other bytes. */
function readable(answer: Answer | undefined): object | undefined {
  if (answer === undefined) return undefined;
  const { status, headers } = answer;
  const { layers, text } = decoded(answer);
  return { status, cookies: headers["set-cookie"], headers: comparable(headers), compressed: layers.length - 1, text };
}

const workerd = (name: string, options: Partial<WorkerOptions> = {}, script = "hono-workerd"): Host => ({
  name,
  start: () =>
    startWorker(new URL(`../hosts/serve/${script}.ts`, import.meta.url), {
      flags: ["enable_request_signal"],
      ...options,
    }),
});
const onWorkers: Omit<Server, "host"> = { table: { ...cases, ...cached }, watched: WORKERS, encodes: true };

middlewares({ host: processHost("hono-node", process.execPath, []), watched: NODE });
middlewares({ host: processHost("hono-node-native", process.execPath, []), watched: NODE });
middlewares({
  host: processHost("hono-bun", installed("bun"), []),
  watched: BUN,
  // It takes the stream of a text for the text, and does not show that.
  untyped: ["bodyLimit() that answers 413", "an HTTPException with a message"],
  unframed: ["compress() for a client that takes none"],
});
middlewares({ host: processHost("hono-deno", installed("deno"), ["run", "-A", "--no-check"]), watched: DENO });
middlewares({ host: workerd("hono-workerd"), ...onWorkers });
middlewares({ host: workerd("hono-workerd-newest", { binary: newestWorkerd }), ...onWorkers });
// Without exports the bundle is a script, which listens for events.
const script = { binary: newestWorkerd, options: { modules: false as const } };
middlewares({ host: workerd("hono-service-worker", script, "hono-service-worker"), ...onWorkers });
