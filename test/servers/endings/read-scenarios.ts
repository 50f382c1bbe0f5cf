import { leaveUnread, readToEnd } from "./acts.ts";
import { LARGE } from "./routes.ts";
import type { Scenario } from "./scenario.ts";
import { COMPLETED, COMPLETED_SMALL, DENO_LATE, NO_BODY } from "./usual-words.ts";

/** Clients that stay to the end. */
export const readScenarios: readonly Scenario[] = [
  { text: "string, read to its end", route: "string", total: 12, act: readToEnd(12), told: COMPLETED_SMALL },
  { text: "bytes, read to their end", route: "bytes", total: 5_000, act: readToEnd(5_000), told: COMPLETED_SMALL },
  { text: "`Blob`, read to its end", route: "blob", total: 5_000, act: readToEnd(5_000), told: COMPLETED_SMALL },
  { text: "string of 20 MB, read to its end", route: "large", total: LARGE, act: readToEnd(LARGE), told: COMPLETED },
  { text: "stream, read to its end", route: "stream", total: 5_000, act: readToEnd(5_000), told: COMPLETED },
  {
    text: "string of 20 kB that the client never reads",
    route: "unread",
    total: 20_000,
    act: leaveUnread,
    told: COMPLETED_SMALL,
  },
  {
    text: "`HEAD` on a string",
    route: "string",
    method: "HEAD",
    total: 0,
    act: readToEnd(0),
    told: {
      ...NO_BODY,
      alone: "completed, pulled, 12 bytes",
      "srvx, alone": "canceled before-body, pulled",
      "express, alone": "canceled before-body, pulled",
      "bun, alone": "canceled before-body, pulled",
      "srvx on Deno, alone": "completed, pulled, 12 bytes",
    },
  },
  {
    text: "`HEAD` on a stream",
    route: "stream",
    method: "HEAD",
    total: 0,
    // With HTTP/2 it is left unread in the middle, until it is collected.
    dropped: true,
    act: readToEnd(0),
    told: {
      ...NO_BODY,
      alone: "canceled before-body, pulled",
      "hono, alone": "completed, pulled, 5,000 bytes",
      "Hono on HTTP/2, alone": "canceled mid-body, pulled, abandoned",
      "deno, alone": DENO_LATE,
      "srvx on Deno, alone": DENO_LATE,
      "fastify, alone": "completed, pulled, 5,000 bytes",
    },
  },
  { text: "204", route: "204", status: 204, total: 0, act: readToEnd(0, 204), told: NO_BODY },
  { text: "304", route: "304", status: 304, total: 0, act: readToEnd(0, 304), told: NO_BODY },
  { text: "redirect", route: "redirect", status: 303, total: 0, act: readToEnd(0, 303), told: NO_BODY },
];
