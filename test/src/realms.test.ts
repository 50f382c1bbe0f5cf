// Other realms, as Vitest's environments make them. What jsdom 31 and happy-dom 21 do to the globals is done here by hand;
// test/extra/dom has the real ones.
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

type Library = typeof import("../../src/index.ts");

/** The library as it is loaded where the globals are these. */
async function under(globals: Record<string, unknown>): Promise<Library> {
  vi.resetModules();
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  return import("../../src/index.ts");
}

const bodies: [string, (library: Library) => InstanceType<Library["ResponseThen"]>, string][] = [
  ["a string", ({ ResponseThen }) => new ResponseThen("héllo", () => {}), "héllo"],
  ["JSON", ({ ResponseThen }) => ResponseThen.json({ a: "ü" }, () => {}), '{"a":"ü"}'],
  ["URLSearchParams", ({ ResponseThen }) => new ResponseThen(new URLSearchParams({ a: "ü" }), () => {}), "a=%C3%BC"],
  [
    "what a function writes",
    ({ ResponseThen }) =>
      ResponseThen.stream(
        (w) => w.write("written"),
        () => {},
      ),
    "written",
  ],
];

/** The Uint8Array of another realm, as jsdom's; TextEncoder stays. */
const foreign = () => ({ Uint8Array: runInNewContext("Uint8Array") as typeof Uint8Array });

/** As happy-dom's: the class that is global extends one that cannot be constructed by itself. */
function windowed() {
  const Native = Response;
  const Inner = function (this: unknown, body: BodyInit, init: ResponseInit): Response {
    if (!new.target.prototype.window) throw new TypeError("'Response' was constructed outside a Window context.");
    return Reflect.construct(Native, [body, init], new.target);
  } as unknown as typeof Response;
  Object.setPrototypeOf(Inner.prototype, Native.prototype);
  class Outer extends Inner {
    declare readonly window: true;
  }
  Object.defineProperty(Outer.prototype, "window", { value: true });
  const json = (data: unknown, init: ResponseInit) =>
    new Outer(JSON.stringify(data), { ...init, headers: { "content-type": "application/json" } });
  Object.defineProperty(Inner, "json", { value: json });
  return { Response: Outer };
}

/** Vitest's pool vmThreads with jsdom: what a new context has, what is added to it, and no streams. */
async function streamless(): Promise<typeof import("../../adapters/node.ts")> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../adapters/node.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "library",
  });
  const added = { Response, Headers, Blob, FormData, URLSearchParams, TextEncoder, AbortController, performance };
  const timers = { setTimeout, clearTimeout, setImmediate };
  return runInNewContext(`${outputFiles[0]?.text}; library`, { ...added, ...timers });
}

describe.for([
  ["whose Uint8Array is another one (jsdom)", foreign],
  ["whose Response extends one that cannot be constructed (happy-dom)", windowed],
] as const)("in a realm %s", ([, globals]) => {
  test.for(bodies)("%s is read, and completes with its bytes", async ([, make, text]) => {
    const library = await under(globals());
    const response = make(library);
    expect(await response.text()).toBe(text);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: Buffer.byteLength(text) });
  });
});

// A string's bytes were asked by instanceof, and taken for a stream.
test("in a realm whose Uint8Array is another one a body is transformed", async () => {
  const { ResponseThen } = await under(foreign());
  const { transform } = await import("../../src/middleware/index.ts");
  const louder = transform((text) => text.toUpperCase());
  const sent = await louder(() => new ResponseThen("text", () => {}))(new Request("http://localhost/"));
  expect(await sent.text()).toBe("TEXT");
});

describe("in a realm without a global ReadableStream (vmThreads with jsdom)", () => {
  test.for(bodies)("%s is read, and completes with its bytes", async ([, make, text]) => {
    const response = make(await streamless());
    expect(await response.text()).toBe(text);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: Buffer.byteLength(text) });
  });

  // An adapter looked at its prototype when it was loaded.
  test("a wrapped handler answers", async () => {
    const { ResponseThen, withResponseThen } = await streamless();
    const sent = await withResponseThen(() => new ResponseThen("text", () => {}))(new Request("http://localhost/"));
    expect(await sent.text()).toBe("text");
  });
});
