// From() takes over. What it was given stayed unlocked, so that a framework which cancels a
// response that was replaced (TanStack Start) canceled the source of the new one, and the client got an empty 200.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { installed } from "../servers/shutdown/process.ts";

const nothing = () => {};

/** A source that counts its pulls. */
function counted(type?: "bytes") {
  const seen = { pulls: 0, canceled: [] as unknown[] };
  const source = {
    type,
    pull(controller: ReadableStreamController<unknown>) {
      if (seen.pulls++ < 3) controller.enqueue(new Uint8Array(10));
      else controller.close();
    },
    cancel: (reason: unknown) => void seen.canceled.push(reason),
  };
  return { seen, stream: new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 }) };
}

/** What such a framework does with a response that was replaced by another. */
async function cancelReplaced(old: Response, sent: Response): Promise<void> {
  if (old.body && old.body !== sent.body && !old.body.locked) await old.body.cancel();
}

const givens: [string, () => Response][] = [
  ["a stream", () => new Response(counted().stream)],
  ["a byte stream", () => new Response(counted("bytes").stream)],
  ["a string", () => new Response("text")],
  ["a Blob", () => new Response(new Blob(["text"]))],
  ["one of ours", () => new ResponseThen(counted().stream, nothing)],
  ["what was made of the body of one of ours", () => new Response(new ResponseThen("text", nothing).body)],
];

describe("from() locks what it was given", () => {
  test.for(givens)("%s", ([, make]) => {
    const given = make();
    ResponseThen.from(given, nothing);
    expect(given.body?.locked).toBe(true);
  });

  test.for(givens)(
    "and what a framework does with a response that was replaced changes nothing: %s",
    async ([, make]) => {
      const wanted = await make().arrayBuffer();
      const given = make();
      const told: Outcome[] = [];
      const response = ResponseThen.from(given, (outcome) => void told.push(outcome));
      await cancelReplaced(given, response);
      expect((await response.arrayBuffer()).byteLength).toBe(wanted.byteLength);
      await response.finished;
      expect(told).toMatchObject([{ type: "completed", bytes: wanted.byteLength }]);
    },
  );

  test.for([undefined, "bytes"] as const)("and reads nothing of it: a stream of type %s", async (type) => {
    const { seen, stream } = counted(type);
    const response = ResponseThen.from(new Response(stream), nothing);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([seen.pulls, response.bodyUsed, response.body?.locked]).toEqual([0, false, false]);
    await response.body?.cancel("left");
    await response.finished;
    expect([seen.canceled, stream.locked]).toEqual([["left"], false]);
  });

  test("and a clone of what it made has all of it, as the response has", async () => {
    const response = ResponseThen.from(new Response(counted().stream), nothing);
    const clone = response.clone();
    expect((await clone.arrayBuffer()).byteLength).toBe(30);
    expect((await response.arrayBuffer()).byteLength).toBe(30);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 30 });
  });
});

describe.each([
  ["bun", installed("bun"), ["run", "-"]],
  ["deno", installed("deno"), ["run", "-A", "--no-check", "--ext=ts", "-"]],
  ["node", process.execPath, ["--input-type=module-typescript", "-"]],
] as [string, string, string[]][])("on %s", (_name, command, args) => {
  test("what was fetched is locked too, and what comes of it is whole, with its headers", async () => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += text;
    });
    child.stdin.end(`
      import { createServer } from "node:http";
      import { ResponseThen } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
      const server = createServer((_, res) => res.writeHead(200, { "content-type": "text/x-own" }).end("text"));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const given = await fetch("http://127.0.0.1:" + server.address().port);
      const response = ResponseThen.from(given, () => {});
      const locked = given.body.locked;
      if (!locked) await given.body.cancel().catch(() => {});
      const text = await response.text().catch((error) => "failed: " + error.message);
      const { type } = await response.finished;
      console.log(JSON.stringify([locked, text, response.headers.get("content-type"), type]));
      process.exit();`);
    await once(child, "close");
    expect(JSON.parse(printed)).toEqual([true, "text", "text/x-own", "completed"]);
  });
});
