// Dead responses die young: what the collector of new objects promotes lives until the collector of old ones runs. The
// streams of dead responses used to lead to their lifecycles, and 2.7 kB were promoted of each.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { Agent, get } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installed } from "./shutdown/process.ts";

const script = (name: string) => fileURLToPath(new URL(`./young/${name}.ts`, import.meta.url));

describe("the class alone on node-server", () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  let server: ChildProcess;
  let port: string;
  let promoted = 0;
  let collections = 0;

  beforeAll(async () => {
    // The default, whatever the environment says: of a small one, what is being answered is a larger part.
    const flags = ["--trace-gc", "--trace-gc-nvp", "--max-semi-space-size=16"];
    server = spawn(process.execPath, [...flags, script("serve")], { stdio: ["ignore", "pipe", "inherit"] });
    port = await new Promise((listens) => {
      createInterface(server.stdout as NodeJS.ReadableStream).on("line", (line) => {
        const listening = /^port (\d+)/.exec(line);
        if (listening) listens(listening[1] as string);
        const bytes = /gc=s.* promoted=(\d+)/.exec(line);
        if (!bytes) return;
        promoted += Number(bytes[1]);
        collections++;
      });
    });
  });
  afterAll(() => {
    server?.kill();
    agent.destroy();
  });

  const ask = () =>
    new Promise<void>((ends, fails) => {
      get({ host: "127.0.0.1", port, agent }, (answer) => answer.resume().once("end", ends)).once("error", fails);
    });
  async function load(count: number): Promise<void> {
    let left = count;
    const visitor = async () => {
      while (left-- > 0) await ask();
    };
    await Promise.all(Array.from({ length: 16 }, visitor));
  }

  test("at most 500 B of each response outlive two collections", { timeout: 120_000 }, async () => {
    // What is compiled and cached is kept.
    await load(5_000);
    promoted = collections = 0;
    await load(30_000);
    expect(collections).toBeGreaterThan(5);
    expect(promoted / 30_000).toBeLessThan(500);
  });
});

test.for([
  ["Node", process.execPath, ["--expose-gc"], 3_700],
  ["Deno", installed("deno"), ["run", "-A", "--no-check", "--v8-flags=--expose-gc"], 3_800],
] as const)("an open stream on %s holds little more than a plain one", async ([, command, flags, most]) => {
  const { stdout } = await promisify(execFile)(command, [...flags, script("open")]);
  const { plain, ours } = JSON.parse(stdout) as { plain: number; ours: number };
  expect(ours - plain).toBeLessThan(most);
});
