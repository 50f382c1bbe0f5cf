import { afterEach, describe, expect, test, vi } from "vitest";
import { lockSource, PIECE } from "../../../src/body/source-reader.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const bytes = (size: number) => new Blob([new Uint8Array(size).fill(7)]).stream();

/** The room as it is loaded on Workers, with which Node's byte streams have the BYOB reader in common. */
async function onWorkers() {
  vi.resetModules();
  vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
  return import("../../../src/body/source-reader.ts");
}

async function readAll(reader: ReturnType<typeof lockSource>) {
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += (next.value as Uint8Array).byteLength;
  }
  return size;
}

describe.for([
  ["elsewhere", "bytes"],
  ["elsewhere", undefined],
  ["on Workers", "bytes"],
  ["on Workers", undefined],
] as const)("lockSource %s, of a stream of type %s", ([where, type]) => {
  const load = async () => (where === "on Workers" ? onWorkers() : { lockSource });

  test("locks it, reads it to its end, and frees it", async () => {
    const { lockSource } = await load();
    const source = bytes(300_000);
    const reader = lockSource(source, type);
    expect(source.locked).toBe(true);
    expect(await readAll(reader)).toBe(300_000);
    reader.releaseLock();
    expect(source.locked).toBe(false);
  });

  test("cancels it with a reason", async () => {
    const { lockSource } = await load();
    const events: unknown[] = [];
    const source = new ReadableStream({ type, cancel: (reason) => void events.push(reason) } as UnderlyingByteSource);
    await lockSource(source, type).cancel("left");
    expect(events).toEqual(["left"]);
  });

  test("passes its error on, and leaves no other unhandled", async () => {
    const { lockSource } = await load();
    const source = new ReadableStream({
      type,
      pull: () => {
        throw new Error("source failed");
      },
    } as UnderlyingByteSource);
    await expect(lockSource(source, type).read()).rejects.toThrow("source failed");
  });

  test("throws for one that is locked", async () => {
    const { lockSource } = await load();
    const source = bytes(1);
    source.getReader();
    expect(() => lockSource(source, type)).toThrow(TypeError);
  });
});

// A default reader gets a native body of workerd by 4 KB.
test("on Workers a byte stream is read by pieces of 256 KiB, elsewhere by what its source gives", async () => {
  const { lockSource: lockOnWorkers, PIECE: pieceOnWorkers } = await onWorkers();
  const sizes: unknown[] = [];
  const source = () =>
    new ReadableStream({
      type: "bytes",
      pull({ byobRequest }: ReadableByteStreamController) {
        sizes.push(byobRequest?.view?.byteLength);
        byobRequest?.respond(1);
      },
      autoAllocateChunkSize: 9,
    });
  await lockOnWorkers(source(), "bytes").read();
  await lockSource(source(), "bytes").read();
  expect(sizes).toEqual([pieceOnWorkers, 9]);
  expect([pieceOnWorkers, PIECE]).toEqual([262_144, 65_536]);
});
