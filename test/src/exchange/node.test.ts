import { beforeAll, describe, expect, test } from "vitest";
import { NodeSignals } from "../../../src/exchange/node.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { run } from "../../run.ts";
import { scenarios } from "./node-scenarios.ts";

const flushed = (path = "/") => [path, "flushed"];
const left = (path = "/") => [path, "AbortError"];

const wanted: Record<string, unknown[]> = {
  "read to its end is flushed": [flushed()],
  "of a HEAD is flushed": [flushed()],
  "on a kept connection is told of its own end, and of none that comes after": [flushed("/first"), left("/second")],
  "cut by a reset of the client is not, with the socket's error as the cause": [left(), true],
  "cut by a client that closes is not": [left()],
  "cut by a client while nothing is written is not": [left()],
  "cut by the server's own hand is not": [left()],
  "to a client that left before is gone, and one to a client that is there is not": [undefined, left(), "AbortError"],
  "that the server destroys for an error is errored": [["/", "errored"]],
  "behind another on its connection is flushed": [flushed("/first"), flushed("/second")],
  "behind another, whose client leaves before its turn, is not": [left("/first"), left("/second")],
  "behind another, cut by a reset in its turn, is not": [flushed("/first"), left("/second")],
  "behind another, that the server destroys in its turn for an error, is errored": [
    flushed("/first"),
    ["/second", "errored"],
  ],
  "over HTTP/2, read to its end, is flushed": [flushed()],
  "over HTTP/2, cut by a client that cancels its stream, is not, and another of the session is": [
    left("/cut"),
    flushed("/whole"),
  ],
  "over HTTP/2, cut by a client that leaves, is not": [left()],
  "over HTTP/2, cut by the server's own hand, is not": [left()],
  "over HTTP/2, to a client that left before, is gone": [undefined, left(), "AbortError"],
};

const play = (name: string) => (scenarios[name] as () => Promise<unknown[]>)();

test("every scenario has its answer", () => {
  expect(Object.keys(scenarios)).toEqual(Object.keys(wanted));
});

describe("a response on this Node", () => {
  test.concurrent.for(Object.keys(wanted))("%s", async (name) => {
    expect(await play(name)).toEqual(wanted[name]);
  });
});

describe.for(Object.keys(nodes).filter((name) => nodes[name] !== process.execPath))("a response on %s", (name) => {
  let told: Record<string, unknown[]> = {};
  beforeAll(async () => {
    const script = await bundle(new URL("./node-scenarios.ts", import.meta.url));
    const { stdout, stderr } = await run(nodes[name] as string, [script]);
    if (stdout === "") throw new Error(stderr);
    told = JSON.parse(stdout, (_, value) => (value === null ? undefined : value));
  });

  for (const scenario of Object.keys(wanted)) {
    test(scenario, () => {
      expect(told[scenario]).toEqual(wanted[scenario]);
    });
  }
});

describe("NodeSignals", () => {
  const res = { on: () => {} };

  test("has the method and the waitUntil that it was given", () => {
    const waitUntil = () => {};
    const platform = new NodeSignals(res, "HEAD", waitUntil);
    expect([platform.method, platform.waitUntil]).toEqual(["HEAD", waitUntil]);
    expect(new NodeSignals(res, "GET").waitUntil).toBeUndefined();
  });

  test("takes fixed bodies of every length unwatched: Node tells the end of each", () => {
    expect(new NodeSignals(res, "GET").fixedLimit).toBe(Number.POSITIVE_INFINITY);
  });

  test("listens only where somebody asks, for each event once", () => {
    const events: string[] = [];
    const platform = new NodeSignals({ on: (event) => events.push(event) }, "GET");
    platform.gone();
    events.push("asked");
    platform.flushed(() => {}, false);
    expect(events).toEqual(["asked", "finish", "close"]);
  });
});
