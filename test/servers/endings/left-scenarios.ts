import { halfClose, isCut, isCutOr500, leaveBefore, resetAfter } from "./acts.ts";
import { LARGE } from "./routes.ts";
import type { Scenario } from "./scenario.ts";
import { CANCELED, DENO_LATE } from "./usual-words.ts";
import { words } from "./words.ts";

/** Clients that leave, and sources that fail. */
export const leftScenarios: readonly Scenario[] = [
  {
    text: "string of 20 MB, reset in the middle",
    route: "large",
    total: LARGE,
    act: resetAfter(100_000),
    told: { ...CANCELED, node: "canceled mid-body, flushed, 20,000,000 bytes" },
  },
  { text: "reset while data flows", route: "flowing", cancels: 1, act: resetAfter(1_500), told: CANCELED },
  {
    text: "half-close while data flows (HTTP/1.1)",
    route: "flowing",
    cancels: 1,
    http1: true,
    act: halfClose,
    told: CANCELED,
  },
  { text: "reset while the source is idle", route: "idle", cancels: 1, act: resetAfter(1_500), told: CANCELED },
  {
    text: "half-close while the source is idle (HTTP/1.1)",
    route: "idle",
    cancels: 1,
    http1: true,
    act: halfClose,
    told: CANCELED,
  },
  {
    text: 'reset with `onCancel: "drain"`',
    route: "drains",
    total: 100_000,
    cancels: 0,
    act: resetAfter(1_500),
    told: CANCELED,
  },
  {
    text: "source error before the first byte",
    route: "fails-first",
    cancels: 0,
    act: isCutOr500,
    told: words("errored before-body, pulled", "errored before-body, flushed", "errored before-body, pulled"),
  },
  {
    text: "source error after the first byte",
    route: "fails",
    cancels: 0,
    act: isCut,
    told: words("errored mid-body, pulled", "errored mid-body, flushed", "errored mid-body, pulled"),
  },
  {
    text: "client gone before the handler answers with a string",
    route: "waits-string",
    total: 12,
    act: leaveBefore,
    told: {
      ...words(
        "completed, pulled",
        "canceled before-body, handed-over",
        "canceled before-body, handed-over",
        "completed, handed-over",
      ),
      "srvx on Node, alone": "canceled before-body, pulled",
      "srvx on Bun, alone": "canceled before-body, pulled",
      "express, alone": "canceled before-body, pulled",
      "bun, alone": "canceled before-body, pulled",
      "fastify, alone": "canceled mid-body, pulled, 12 bytes",
    },
  },
  {
    text: "client gone before the handler answers with 20 MB",
    route: "waits-large",
    total: LARGE,
    act: leaveBefore,
    told: {
      ...words(
        "canceled mid-body, pulled",
        "canceled before-body, handed-over",
        "canceled before-body, handed-over",
        "canceled mid-body, pulled",
      ),
      "srvx on Node, alone": "canceled before-body, pulled",
      "srvx on Bun, alone": "canceled before-body, pulled",
      "express, alone": "canceled before-body, pulled",
      "bun, alone": "canceled before-body, pulled",
    },
  },
  {
    text: "client gone before the handler answers with a stream",
    route: "waits-stream",
    total: 5_000,
    cancels: 1,
    act: leaveBefore,
    told: {
      ...words("canceled before-body, pulled", "canceled before-body, handed-over"),
      "deno, alone": DENO_LATE,
      "srvx on Deno, alone": DENO_LATE,
      deno: DENO_LATE,
    },
  },
];
