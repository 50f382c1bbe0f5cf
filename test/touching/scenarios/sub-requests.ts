// Issue 14 (g): thousands of sub-requests inside one handler. Runs on what can be asked for a collection.
import { memory } from "../../../bench/servers/serve/memory.ts";
import { pause, streamOf } from "../run.ts";
import type { Served } from "../scenario.ts";

export const COUNT = 20_000;
const TEXT = "x".repeat(1_000);
let told = 0;

async function* once(): AsyncGenerator<string> {
  yield TEXT;
}

/** Answers how much the process holds, in bytes, after so many responses were built and read in this request. */
export const subRequests: Served = {
  name: "memory",
  routes: {
    async heap({ make }) {
      for (let i = 0; i < COUNT; i++) {
        await make(() => void told++, i % 2 ? TEXT : streamOf(once())).text();
        // So that what is due after a response can be done.
        if (i % 500 === 0) await pause(0);
      }
      return Response.json((await memory()).heap);
    },
    told: () => Response.json(told),
  },
};
