// The class extends the `Response` that is global when the first is built. It used to extend the native one: imported
// after serve() it threw "read only property", and what it made was no `instanceof Response`.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "vitest";

const script = fileURLToPath(new URL("./base/serve.ts", import.meta.url));
const [NEW, OLD] = ["@hono/node-server", "node-server-1"];

test.concurrent.for([
  [`${NEW}:own`],
  [`${NEW}:native`],
  [`${OLD}:own`],
  [`${OLD}:native`],
  [`${NEW}:own`, `${OLD}:own`],
  [`${OLD}:own`, `${NEW}:own`],
  [`${NEW}:native`, `${OLD}:own`],
  [`${OLD}:native`, `${NEW}:own`],
])("imported after serve() of %s", async (servers, { expect }) => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...servers]);
  const kinds = ["text", "stream", "null"];
  const answers = servers.flatMap((_, index) =>
    kinds.map((kind) => [index, kind, 200, kind === "null" ? "" : "a body", true]),
  );
  const told = servers.flatMap((_, index) =>
    kinds.map((kind) => `${index} ${kind} completed flushed ${kind === "null" ? 0 : 6}`),
  );
  expect(JSON.parse(stdout)).toEqual({ results: answers, told: told.toSorted(), pending: 0 });
});
