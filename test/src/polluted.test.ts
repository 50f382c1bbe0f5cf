// What somebody has put on Object.prototype.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { installed } from "../servers/shutdown/process.ts";

// It asked every piece for its `size` too; and an outcome is written into an object literal, member by member.
describe("an accessor on Object.prototype that throws changes no body and no outcome", () => {
  const href = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  /** In a process of its own: test runners do not stand it. Prints what differs from the plain response. */
  const program = (name: string, descriptor: string) => `
    import { ResponseThen } from ${href("../../src/index.ts")};
    import { withResponseThen } from ${href("../../adapters/node.ts")};
    const bodies = {
      "a string": () => "text",
      "a view": () => new Uint8Array(4),
      "an ArrayBuffer": () => new ArrayBuffer(4),
      "URLSearchParams": () => new URLSearchParams({ a: "12" }),
      "a Blob": () => new Blob(["text"]),
      "a stream": () => new ReadableStream({ start(c) { c.enqueue(new Uint8Array(4)); c.close(); } }),
      "nothing": () => null,
    };
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const trap = () => { throw new Error("polluted"); };
    const ways = {
      alone: (make) => make(),
      wrapped: (make) => withResponseThen(make, () => {})(new Request("http://localhost/")),
    };
    const lines = [];
    globalThis.process?.on("unhandledRejection", () => {});
    globalThis.process?.on("uncaughtException", () => {});
    globalThis.addEventListener?.("unhandledrejection", (event) => event.preventDefault());
    for (const [kind, make] of Object.entries(bodies)) {
      for (const [way, answer] of Object.entries(ways)) {
        const [body, same] = [make(), make()];
        const told = [];
        let wanted, seen;
        const descriptor = { ...${descriptor}, configurable: true };
        Object.defineProperty(Object.prototype, ${JSON.stringify(name)}, descriptor);
        try {
          try { wanted = await new Response(same).text(); } catch { wanted = "throws"; }
          try {
            const response = await answer(() => new ResponseThen(body, (outcome) => told.push(outcome)));
            seen = await response.text();
          } catch { seen = "throws"; }
          for (let i = 0; i < 20 && told.length === 0; i++) await pause(2);
        } finally {
          delete Object.prototype[${JSON.stringify(name)}];
        }
        const type = told.map((outcome) => outcome.type).join() || "nothing told";
        if (wanted !== "throws" && (seen !== wanted || type !== "completed"))
          lines.push(kind + " " + way + ": " + JSON.stringify(seen) + ", " + type);
      }
    }
    console.log(JSON.stringify(lines));
    globalThis.process?.exit(0);`;
  const runtimes: readonly [string, string, readonly string[]][] = [
    ["node", process.execPath, ["--input-type=module-typescript", "-"]],
    ["bun", installed("bun"), ["run", "-"]],
    ["deno", installed("deno"), ["run", "-A", "--no-check", "--ext=ts", "-"]],
  ];
  const traps = [
    ["read", "{ get: trap }"],
    ["read or written", "{ get: trap, set: trap }"],
  ] as const;
  const cases = runtimes.flatMap(([runtime, command, args]) =>
    ["type", "size"].flatMap((name) =>
      traps.map(([what, descriptor]) => ({ runtime, name, what, descriptor, command, args })),
    ),
  );

  test.for(cases)("on $runtime: $name, that throws when it is $what", async ({ command, args, name, descriptor }) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        printed += text;
      });
    }
    child.stdin.end(program(name, descriptor));
    await once(child, "close");
    expect(printed.trim()).toBe("[]");
  });
});
