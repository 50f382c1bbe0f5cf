import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { installed } from "../servers/shutdown/process.ts";

// Bun makes the type of what it collects itself, and knows none of a stream: `""`, whatever the headers said.
test("on Bun blob() has the type of the headers, as on the plain Response", async () => {
  const href = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  const child = spawn(installed("bun"), ["run", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += text;
  });
  child.stdin.end(`
    import { ResponseThen } from ${href};
    const headers = { "content-type": "text/html" };
    const bodies = {
      "a string": ["text"],
      "a string with a type": ["text", { headers }],
      "bytes with a type": [new Uint8Array(3), { headers }],
      "a Blob": [new Blob(["text"], { type: "text/css" })],
      "URLSearchParams": [new URLSearchParams("a=1")],
    };
    const types = {};
    for (const [kind, [body, init]] of Object.entries(bodies)) {
      const wanted = (await new Response(body, init).blob()).type;
      const seen = (await new ResponseThen(body, () => {}, init).blob()).type;
      if (seen.toLowerCase() !== wanted.toLowerCase()) types[kind] = { wanted, seen };
    }
    const json = (await ResponseThen.json({}, () => {}).blob()).type;
    if (!json.startsWith("application/json")) types.json = json;
    console.log(JSON.stringify(types));`);
  await once(child, "close");
  expect(JSON.parse(printed)).toEqual({});
});
