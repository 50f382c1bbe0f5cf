// Bun opens a file when it sends it: it may be gone by then, and a range of it may be asked for.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { installed } from "../servers/shutdown/process.ts";

const program = `
  const { ResponseThen, withResponseThen } = await import(${JSON.stringify(new URL("../../adapters/bun.ts", import.meta.url).href)});
  const here = ${JSON.stringify(fileURLToPath(import.meta.url))};
  const files = { whole: () => Bun.file(here), range: () => Bun.file(here), missing: () => Bun.file(here + ".missing") };
  for (const [name, file] of Object.entries(files)) {
    const told = Promise.withResolvers();
    const handler = withResponseThen(() => new ResponseThen(file(), told.resolve));
    const server = Bun.serve({ port: 0, development: false, fetch: handler });
    const headers = name === "range" ? { range: "bytes=0-9" } : {};
    const status = await fetch(server.url, { headers }).then(
      async (answer) => [answer.status, (await answer.arrayBuffer()).byteLength === (name === "range" ? answer.status === 206 ? 10 : files.whole().size : files.whole().size)],
      () => "cut",
    );
    const { type, bytes, response } = await told.promise;
    console.log(JSON.stringify([name, status, type, response.status, bytes === files.whole().size]));
    server.stop(true);
  }
  const early = ResponseThen.from(new Response(files.missing()), (outcome) => console.log(JSON.stringify(["from", outcome.type])));
  await early.text().catch(() => {});
  await early.finished;
`;

// A missing file was told as completed, handed over; a range with the status and the length of the whole.
test("a file is told as it was read", async () => {
  const child = promisify(execFile)(installed("bun"), ["run", "-"]);
  child.child.stdin?.end(program);
  const { stdout } = await child;
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    ["whole", [200, true], "completed", 200, true],
    ["range", [200, true], "completed", 200, true],
    ["missing", "cut", "errored", 200, false],
    ["from", "errored"],
  ]);
});
