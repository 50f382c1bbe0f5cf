import { median } from "../median.ts";
import { Client } from "./client.ts";
import type { Memory } from "./serve/memory.ts";
import { type Server, withServer } from "./server.ts";

/** The head of the table of memory per open response. */
export const HELD_HEAD =
  "| | plain `Response` | more under the adapter | target | more resident memory |\n|---|---|---|---|---|";

/**
 * The line of the table of memory per open response: what one more of them makes the heap grow.
 *
 * @param count How many are open at once.
 */
export async function measureHeld(server: Server, count: number, rounds: number): Promise<string> {
  const grown: Record<string, Memory[]> = { plain: [], wrapped: [] };
  for (let round = 0; round < rounds; round++) {
    // Each in a process of its own: what the operating system gave a process stays with it.
    for (const [candidate, list] of Object.entries(grown)) list.push(await growth(server, candidate, count));
    console.error(`${server.name}, open responses: round ${round + 1} of ${rounds}`);
  }
  const perResponse = (candidate: string, kind: keyof Memory) =>
    median((grown[candidate] as Memory[]).map((growth) => growth[kind])) / count;
  const more = (kind: keyof Memory) => kilobytes(perResponse("wrapped", kind) - perResponse("plain", kind));
  const cells = [
    server.text,
    kilobytes(perResponse("plain", "heap")),
    more("heap"),
    "at most 2.0 kB",
    more("resident"),
  ];
  return `| ${cells.join(" | ")} |`;
}

function growth(server: Server, candidate: string, count: number): Promise<Memory> {
  return withServer(server, async ({ port }) => {
    const client = new Client(port);
    const path = `/held/${candidate}`;
    // Warm: what is only needed once is there.
    const leaveFirst = await client.hold(path, Math.ceil(count / 10));
    leaveFirst();
    await client.assertTold();
    const before = await client.memory();
    const leave = await client.hold(path, count);
    const after = await client.memory();
    leave();
    await client.assertTold();
    return { heap: after.heap - before.heap, resident: after.resident - before.resident };
  });
}

/** The head of the table of memory after many responses. */
export const AFTER_HEAD = "| | heap before | heap after | growth per response |\n|---|---|---|---|";

/** The line of the table of memory after `count` answered responses; the server is warm. */
export async function measureAfter(server: Server, client: Client, count: number): Promise<string> {
  const before = await client.memory();
  await client.texts("/string/wrapped", count);
  await client.assertTold();
  const after = await client.memory();
  console.error(`${server.name}, ${count} responses: done`);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  const perResponse = `${((after.heap - before.heap) / count).toFixed(2)} B`;
  return `| ${[server.text, megabytes(before.heap), megabytes(after.heap), perResponse].join(" | ")} |`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(2)} kB`;
}
