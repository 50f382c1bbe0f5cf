import { describe, expect, test } from "vitest";
import { ResponseThen } from "../../src/index.ts";

const nothing = () => {};
const source = () =>
  new ReadableStream<Uint8Array<ArrayBuffer>>(
    { pull: (controller) => controller.enqueue(new Uint8Array(3)) },
    { highWaterMark: 0 },
  );

// The stream of the response is another one, and knew nothing of what happened to its source.
describe("bodyUsed is that of the plain Response when somebody else", () => {
  const ways: [string, (stream: ReadableStream) => unknown][] = [
    [
      "has read from it, and let go of it",
      async (stream) => {
        const reader = stream.getReader();
        await reader.read();
        reader.releaseLock();
      },
    ],
    ["has read from it, and keeps it locked", (stream) => stream.getReader().read()],
    ["has canceled it", (stream) => stream.cancel()],
    ["has begun to read it", (stream) => void stream.getReader().read()],
    ["has teed it", (stream) => stream.tee()],
  ];
  test.for(ways)("%s", async ([, touch]) => {
    const [theirs, ours] = [source(), source()];
    const [plain, response] = [new Response(theirs), new ResponseThen(ours, nothing)];
    expect(response.bodyUsed).toBe(false);
    await touch(theirs);
    await touch(ours);
    expect(response.bodyUsed).toBe(plain.bodyUsed);
  });

  // Nothing tells from outside whether what somebody has locked was read; the plain response knows.
  test("has locked it: it is true", () => {
    const ours = source();
    const response = new ResponseThen(ours, nothing);
    ours.getReader();
    expect(response.bodyUsed).toBe(true);
  });

  test("has been kept from it by from(): it is false", () => {
    const response = ResponseThen.from(new Response(source()), nothing);
    expect(response.bodyUsed).toBe(false);
    expect(ResponseThen.from(response, nothing).bodyUsed).toBe(false);
  });
});
