// The real Sentry on real workerds, inside and outside of withResponseThen, over real sockets.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fetchOnce, send } from "../../client.ts";
import { newestWorkerd, type RunningWorker, startWorker } from "../../hosts/workerd.ts";
import manifest from "./package.json" with { type: "json" };
import { type Receiver, startReceiver } from "./receiver.ts";

const OLD = "workerd 1.20260730";
const PATIENCE = { timeout: 20_000, interval: 20 };

const hosts: readonly [host: string, binary: string | undefined][] = [
  [OLD, undefined],
  ["workerd 1.20261023", newestWorkerd],
];
const all = hosts.flatMap(([host, binary]) =>
  ["inside", "outside"].flatMap((place) => [
    { host, binary, place, flags: "nodejs_compat" },
    { host, binary, place, flags: "nodejs_compat enable_request_signal" },
  ]),
);

test("docs/frameworks.md has the lines and the version", () => {
  const page = readFileSync(new URL("../../../docs/frameworks.md", import.meta.url), "utf8");
  const lines = readFileSync(new URL("./inside.js", import.meta.url), "utf8");
  // Indented, because the block is part of a list.
  expect(page).toContain(`\`\`\`js\n${lines}\`\`\``.replaceAll(/^(?=.)/gm, "  "));
  expect(page).toContain(`\`@sentry/cloudflare\` ${manifest.dependencies["@sentry/cloudflare"]}`);
});

describe.for(all)("Sentry $place, $host, $flags", ({ host, binary, place, flags }) => {
  const transformed = host === OLD && place === "outside";
  let receiver: Receiver;
  let worker: RunningWorker;
  beforeAll(async () => {
    receiver = await startReceiver();
    worker = await startWorker(new URL(`./${place}.js`, import.meta.url), {
      ...(binary !== undefined && { binary }),
      flags: flags.split(" "),
      bindings: { SENTRY_DSN: receiver.dsn },
    });
  });
  afterAll(async () => {
    await worker?.close();
    await receiver?.close();
  });

  const url = (path: string) => new URL(path, `http://127.0.0.1:${worker.port}`);
  const events = async (): Promise<string[]> => await (await fetchOnce(`${url("/events")}`)).json();

  let seen = 0;
  /** What has happened in the Worker since the last time, once it is so much; the order of the callbacks is open. */
  async function happened(...wanted: readonly string[]): Promise<void> {
    const now = await vi.waitFor(async () => {
      const found = await events();
      expect(found.length, found.slice(seen).join(", ")).toBeGreaterThanOrEqual(seen + wanted.length);
      return found;
    }, PATIENCE);
    expect(now.slice(seen).toSorted()).toEqual(wanted.toSorted());
    seen = now.length;
  }
  const received = (name: string) => vi.waitFor(() => expect(receiver.received).toContain(name), PATIENCE);

  test.for([
    ["/text", "text"],
    ["/json", '{"hello":"world"}'],
    ["/stream", "data: piece\n\n".repeat(3)],
  ] as const)("%s is read to its end", async ([path, body]) => {
    const answer = await fetchOnce(`${url(path)}`);
    expect([answer.status, await answer.text()]).toEqual([200, body]);
    await happened(`own completed ${body.length}`, `for all completed ${body.length}`);
    await received(`span: ${path}`);
  });

  test("a HEAD", async () => {
    const exchange = await send(url("/stream"), { method: "HEAD" });
    expect([exchange.status, String(await exchange.readAll())]).toEqual([200, ""]);
    await happened("source canceled", "own completed 0", "for all completed 0");
  });

  test("the client leaves", async (context) => {
    if (transformed && !flags.includes("enable_request_signal"))
      context.skip("Sentry's stream stands in between, and this workerd cancels no stream of JavaScript");
    const exchange = await send(url("/endless"));
    await exchange.readAtLeast(20);
    exchange.socket.resetAndDestroy();
    await happened("source canceled", "own canceled", "for all canceled");
    if (!transformed) await received("span: /endless");
  });

  test("a callback reports to Sentry", async () => {
    await (await fetchOnce(`${url("/reports")}`)).text();
    await happened("own completed 39", "for all completed 39", "reported");
    await received("exception: reported by the callback");
  });

  test("the handler throws", async () => {
    expect((await fetchOnce(`${url("/throws")}`)).status).toBe(500);
    await happened("for all errored: handler failed");
    await received("exception: handler failed");
  });

  test("no callback ran twice, and nothing but the handler's exception is complained of", async () => {
    expect((await events()).length).toBe(seen);
    expect(worker.complaints().replace(/^Uncaught exception: .*: handler failed\n(stack: .*\n)?/, "")).toBe("");
  });
});
