// The table of the contract's sentences that a host does not keep, and why. The test of a gap is run, must fail, and is
// then skipped, so a gap that was closed shows. Tests that are `untried` fail by chance, or would harm the host.
import type { Way } from "./host.ts";

export interface Gap {
  /** The sentences of the contract, word for word. */
  readonly sentences: readonly string[];
  /** The hosts, by their names in the table of hosts. */
  readonly hosts: readonly string[];
  /** The ways that have the gap; default all of the host's. */
  readonly ways?: readonly Way[];
  readonly reason: string;
  /** Its test is not run. */
  readonly untried?: true;
}

const UNCUT = [
  "a body that fails does not end cleanly on the wire",
  "`ResponseThen.stream()`: a writer that fails ends the response as errored, and cuts it",
];

const IDLE = "a client that leaves while the source is idle cancels it at once";

const HALF_CLOSE = "a client that says that it sends no more has left, while data flows and while the source is idle";

const LATE_STRING = "a client that leaves before the handler answers with a string: canceled, and nothing was sent";
const LATE_PLAIN = "the adapter's callback runs exactly once per request: the client leaves before a plain response";

const UNSENT = [
  "a response that was built and not sent ends as canceled, with an `AbandonedError`",
  "a response that was built and not sent, where another of ours is: each ends once, as itself",
];

export const gaps: readonly Gap[] = [
  {
    sentences: [
      "a body that is as long as its content-length says is completed, though its client leaves before the source ends",
    ],
    hosts: ["Bun", "srvx on Bun"],
    reason: "Bun removes a stream's content-length, so a client that leaves always leaves before the end",
  },
  {
    sentences: [
      "a body that is as long as its content-length says is completed, though its client leaves before the source ends",
    ],
    hosts: ["Vercel's edge-runtime"],
    reason: "it does not notice a client that leaves while the source is idle",
  },
  {
    sentences: [
      "a body that is as long as its content-length says is completed, though its client leaves before the source ends",
    ],
    hosts: ["workerd of miniflare"],
    ways: ["alone"],
    reason: "it does not notice a client that leaves while the source is idle",
  },
  {
    sentences: ["each kind of body arrives as that of the plain response: the same bytes, and the same content-type"],
    hosts: ["Bun", "srvx on Bun"],
    ways: ["alone", "hono"],
    reason: "Bun adds a content-type to bytes when it sends them, and the class alone sends a stream",
  },
  {
    sentences: ["a client that breaks the protocol in the middle of the body cancels"],
    hosts: ["Deno", "srvx on Deno", "workerd, newest", "workerd of miniflare"],
    reason: "the server stops reading the request, and goes on to answer it: the end comes when the client leaves",
  },
  {
    sentences: UNSENT,
    hosts: [
      "Node 20",
      "Node 24",
      "Node 26",
      "Node 24, native `Response`",
      "Node 24, HTTP/2",
      "Express 5",
      "Fastify 5",
      "Bun",
      "Deno",
      "srvx on Node",
      "srvx on Bun",
      "srvx on Deno",
      "Vercel's edge-runtime",
      "service worker in Chromium",
    ],
    ways: ["alone", "handed"],
    reason:
      "when collected: the class alone, and `handOver`, do not know what the handler built and did not send, even if it threw",
  },
  {
    sentences: UNSENT,
    hosts: ["workerd, newest", "workerd of miniflare"],
    ways: ["alone"],
    reason: "on Workers the class alone waits 25 s for a reader, and ends then",
  },
  {
    sentences: [LATE_STRING, LATE_PLAIN],
    hosts: ["Deno", "srvx on Deno"],
    reason:
      "Deno shows only in `request.signal` that a client left, and reading that is slow: a short fixed body completes, handed over",
  },
  {
    sentences: [
      "HEAD ends, whatever the server does with the body",
      "HEAD on a stream ends, whatever the server does with the body",
    ],
    hosts: ["Node 24, HTTP/2"],
    ways: ["alone"],
    reason: "when collected, if Node stops reading in the middle of the body",
    untried: true,
  },
  {
    sentences: [
      "what another server answers is passed on whole: status, headers, body",
      "when the client leaves what another server answers, that server sees its own client leave",
      "middleware: headers are added, changed and deleted, also of what `fetch()` gave and of redirects",
    ],
    hosts: ["Node 24, HTTP/2"],
    reason:
      "HTTP/2 forbids headers such as `keep-alive` and `transfer-encoding`: `@hono/node-server` passes on those that `fetch()` gave, with plain responses too, and its process ends",
    untried: true,
  },
  {
    sentences: ["a callback that blocks begins after the client has its last byte"],
    hosts: ["Node 24, HTTP/2"],
    ways: ["alone"],
    reason:
      "of a body that was read whole, up to all but 64 KiB may still wait for the client ([servers.md](servers.md))",
    untried: true,
  },
  {
    sentences: [HALF_CLOSE],
    hosts: ["workerd, newest", "workerd of miniflare"],
    reason: "workerd keeps sending, as HTTP allows: the response ends when the connection is closed",
  },
  {
    sentences: ["a client that leaves before the handler answers with a stream, or with 20 MB: canceled", LATE_STRING],
    hosts: ["workerd, newest", "workerd of miniflare"],
    reason:
      "Workers stop a handler whose client has left, so its response is never built, unless `withResponseThen` has a callback ([cloudflare.md](cloudflare.md))",
  },
  {
    sentences: [
      "a handler that throws after it built a response after an `await`: its callback runs, errored with what was thrown",
    ],
    hosts: ["workerd, newest", "workerd of miniflare", "Vercel's edge-runtime", "service worker in Chromium"],
    reason:
      "without the `AsyncLocalStorage` of `node:async_hooks` a response built after an `await` has no known request: it ends as canceled, later",
  },
  {
    sentences: [
      "fifty requests at once of which every other drops a response: what is dropped ends with its own request",
    ],
    hosts: ["Vercel's edge-runtime", "service worker in Chromium"],
    reason: "when collected: without the `AsyncLocalStorage` of `node:async_hooks` its request is unknown",
  },
  {
    sentences: [LATE_STRING],
    hosts: ["service worker in Chromium"],
    reason: "Chromium takes a short body before it cancels: the outcome is canceled mid-body",
  },
  {
    sentences: UNCUT,
    hosts: ["workerd of miniflare"],
    reason: "this workerd ends an errored chunked body as if it were whole, with plain responses too",
  },
  {
    sentences: UNCUT,
    hosts: ["Vercel's edge-runtime"],
    reason: "the `edge-runtime` server ends an errored body as if it were whole, with plain responses too",
  },
  {
    sentences: [IDLE, HALF_CLOSE],
    hosts: ["Vercel's edge-runtime"],
    reason: "the `edge-runtime` server notices that a client left only at the next piece",
  },
  {
    sentences: ["a client that leaves before anything was written: the callback runs, canceled before the body"],
    hosts: ["workerd, newest", "workerd of miniflare"],
    ways: ["alone"],
    untried: true,
    reason:
      "workerd does not report it: it ends after 25 s, or when it is collected; wrapped, when the handler answers ([cloudflare.md](cloudflare.md))",
  },
  {
    sentences: ["a middleware that reads a copy to make a tag, and answers 304 to who has it: the response ends once"],
    hosts: ["workerd of miniflare"],
    ways: ["alone"],
    reason: "this workerd reports no cancel before the first read: the outcome comes after 25 s",
    untried: true,
  },
  {
    sentences: [IDLE],
    hosts: ["workerd of miniflare"],
    ways: ["alone"],
    reason:
      "this workerd cancels no JavaScript stream ([workerd#6832](https://github.com/cloudflare/workerd/issues/6832)): it is seen at the next piece; wrapped, at once ([cloudflare.md](cloudflare.md))",
    untried: true,
  },
  {
    sentences: [
      "a middleware that pipes the body through a `TransformStream`: a client that leaves in the middle cancels",
    ],
    hosts: ["workerd of miniflare"],
    ways: ["alone"],
    reason: "this workerd cancels no JavaScript stream, such as the one that the middleware made",
    untried: true,
  },
  {
    sentences: [
      "the callback is given the very response that it was set on, however that ended",
      "nothing runs before the final read, and then each callback once, also one registered meanwhile",
      "a source's error reaches the reader and the callback as the very same value, whatever it is",
      "a cancel's reason reaches the source and the callback, and the reader then sees the end",
      "canceling the body cancels its source once, and gives back the lock on it",
      "a source without `cancel()` is canceled all the same",
      "a source that fails while it is being canceled ends as canceled, once, and who canceled gets the error",
      "canceling twice, or after the end, ends once",
      "a body of which all pieces were read has not ended before its end was asked for",
      "on a cancel the source's own cancel comes first, and then each callback once, in their order",
      "what is piped through another stream passes a cancel on to the source, and to the callback",
      "two responses that share a body: the callbacks of both run, once, on a cancel too",
      "of an object of callbacks that of the outcome runs, and then `finally`, also after it failed",
      "a cancel without a reason: that of the outcome is an `AbortError`",
      "nothing is read ahead of the reader",
      '`onCancel: "consume"` reads on to the source\'s end, or to its limit, before the callback',
      "`responseFinished` hears of each ending exactly once, after the response's own callbacks",
    ],
    hosts: ["workerd of miniflare"],
    reason:
      "on this workerd bodies go through a runtime stream ([cloudflare.md](cloudflare.md)), to notice clients that leave: for a reader inside the Worker it is one piece ahead, and reports a cancel late, or, if unread, not at all",
    // How far it is ahead, and when it reports a cancel, depends on how busy the machine is.
    untried: true,
  },
  {
    sentences: [
      "a callback sees the live store of its `AsyncLocalStorage`, with what was put into it after it registered",
      "a callback that is registered late, or elsewhere, sees the store of where it was registered",
      "a callback sees the store of its own request, live, and one that registers late that of its registration",
    ],
    hosts: ["service worker in Chromium"],
    reason: "browsers have no `AsyncLocalStorage`",
  },
  {
    sentences: ["a slow reader holds the source back, and the callback too"],
    hosts: ["service worker in Chromium"],
    reason: "Chromium takes a body from its service worker as fast as it comes: 32 MiB while the page reads nothing",
    untried: true,
  },
];

/** The gap of a sentence on a host, if there is one. */
export function gapOf(sentence: string, host: string, way: Way): Gap | undefined {
  return gaps.find(
    ({ sentences, hosts, ways = [way] }) => sentences.includes(sentence) && hosts.includes(host) && ways.includes(way),
  );
}
