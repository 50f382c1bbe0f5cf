import { setTimeout as pause } from "node:timers/promises";
import { send } from "../../test/client.ts";

/** How many bytes a source is asked for beyond what a client has read that stops after 64 KiB, when it no longer is. */
export async function measureAhead(origin: string, way: string): Promise<number> {
  const path = `/ahead/${way}`;
  const pulled = async (): Promise<number> => (await (await fetch(`${origin}/pulled`)).json())[path] ?? 0;
  const before = await pulled();
  const { readAtLeast, socket } = await send(new URL(path, origin));
  const read = await readAtLeast(65_536);
  let ahead = -1;
  // Until it has stood still for a while.
  for (let still = 0; still < 5; ) {
    await pause(50);
    const now = (await pulled()) - before - read;
    still = now === ahead ? still + 1 : 0;
    ahead = now;
  }
  socket.resetAndDestroy();
  return ahead;
}
