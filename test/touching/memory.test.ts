// Issue 14 (g): responses that a handler builds and reads by the thousand are not kept in memory while it runs. Each
// host is a process that can be asked for a garbage collection. The control is the same handler with plain responses.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Running } from "../hosts/host.ts";
import { hosts } from "./hosts.ts";
import { idOf } from "./scenario.ts";
import { COUNT, subRequests } from "./scenarios/sub-requests.ts";

const MB = 1_000_000;

describe.each(["node-server", "srvx-node", "bun", "deno"] as const)("%s", (name) => {
  let server: Running;
  beforeAll(async () => {
    server = await hosts[name].start(true);
  });
  afterAll(() => server?.close());

  const ask = async (way: string, route: string) =>
    Number(await (await fetch(`http://127.0.0.1:${server.port}/${way}/${idOf(subRequests)}/${route}`)).text());

  test(`${COUNT} sub-requests in one handler hold as little as plain ones, and each is told`, {
    timeout: 60_000,
  }, async () => {
    // One run first, so that the code is compiled.
    await ask("plain", "heap");
    const plain = await ask("plain", "heap");
    const wrapped = await ask("wrapped", "heap");
    console.log(`${name}: ${(plain / MB).toFixed(1)} MB with plain ones, ${(wrapped / MB).toFixed(1)} MB with ours`);
    // Compared with 10 MB at least: the whole heap of Bun is less than 1 MB, and half of that says nothing.
    expect.soft(wrapped / Math.max(plain, 10 * MB)).toBeLessThan(1.5);
    await vi.waitUntil(async () => (await ask("plain", "told")) >= COUNT, { timeout: 10_000 }).catch(() => {});
    expect(await ask("plain", "told")).toBe(COUNT);
  });
});
