// What the tests of servers without descriptors share.
import type { Agent } from "node:http";
import { expect, vi } from "vitest";
import { look, type Seen } from "./look.ts";
import type { RunningServer } from "./servers.ts";

/** How many a server may have; it needs about 25 of them for itself, Bun 10. */
export const LIMIT = 96;
/** How many connections are opened first. */
export const CONNECTIONS = 48;
const patience = { timeout: 15_000, interval: 20 };

/** What is to be recorded of a request, by what its client saw of it. */
function expectedOf(id: string, seen: Seen): string {
  const [way, route] = id.split("-");
  let words = ["came", "opened", "own completed", "adapter completed"];
  if (seen !== "whole") {
    // Not opened when the body was read; or not before, and then there is no response of ours.
    words = ["came", route === "file" ? "own errored EMFILE" : "not opened EMFILE", "adapter errored EMFILE"];
  }
  return (way === "wrapped" ? words : words.slice(0, -1)).join();
}

/** The requests whose records are not as expected. */
export async function wrongOf({ control }: RunningServer, seen: Map<string, Seen>, expected = expectedOf) {
  let wrong: unknown[] = [];
  const right = async () => {
    const told = await control.told();
    const all = [...seen].map(([id, how]) => [
      id,
      how,
      told
        .get(id)
        ?.join()
        .replace(/errored Error.*/s, "errored"),
      expected(id, how),
    ]);
    wrong = all.filter(([, , found, due]) => found !== due);
    return wrong.length === 0;
  };
  await vi.waitUntil(right, patience).catch(() => {});
  return wrong;
}

/** Opens connections, all at the same time: a server that has no descriptor for one may refuse it, or, as Deno, end. */
export async function openConnections(running: RunningServer, agent: Agent): Promise<void> {
  const meeting = Array.from({ length: CONNECTIONS }, (_, index) =>
    look(running, `alone/meet/meet-${index}?count=${CONNECTIONS}`, 4, agent),
  );
  expect(new Set(await Promise.all(meeting))).toEqual(new Set(["whole"]));
  const free = () => Object.values(agent.freeSockets).flat().length;
  await vi.waitUntil(() => free() === CONNECTIONS, patience);
}

/** Ids that say how they are asked for. */
export const idsOf = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => {
    const way = index % 2 ? "alone" : "wrapped";
    return `${way}-${index % 4 < 2 ? "file" : "opens"}-${first + index}`;
  });
export const pathOf = (id: string) => id.replaceAll("-", "/").replace(/[^/]+$/, id);
