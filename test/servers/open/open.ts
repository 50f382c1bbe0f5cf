// Prints how many bytes of heap an open stream holds, one that has given its first piece and is asked for the next:
// of a plain response, and of a ResponseThen. Asks for its collections.
import { ResponseThen } from "../../../src/index.ts";

declare const Deno: { memoryUsage(): { heapUsed: number } } | undefined;
declare const gc: () => void;

const COUNT = 3_000;
const usage = () => (typeof Deno === "undefined" ? process.memoryUsage() : Deno.memoryUsage()).heapUsed;

function source(): ReadableStream {
  let given = false;
  return new ReadableStream(
    {
      pull(controller) {
        if (given) return new Promise(() => {});
        given = true;
        return controller.enqueue(new Uint8Array(1));
      },
    },
    { highWaterMark: 0 },
  );
}

async function open(count: number, make: () => Response): Promise<unknown[]> {
  const held: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const response = make();
    const reader = (response.body as ReadableStream).getReader();
    await reader.read();
    held.push(response, reader, reader.read());
  }
  return held;
}

async function bytesOf(make: () => Response): Promise<number> {
  await open(100, make);
  gc();
  const before = usage();
  const held = await open(COUNT, make);
  gc();
  return held.length > 0 ? (usage() - before) / COUNT : 0;
}

const plain = await bytesOf(() => new Response(source()));
const ours = await bytesOf(() => new ResponseThen(source(), () => {}));
console.log(JSON.stringify({ plain, ours }));
