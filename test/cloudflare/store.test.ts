import { expect, test } from "vitest";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

test.each([
  ["the workerd in miniflare", undefined],
  ["the newest workerd", newestWorkerd],
])("on %s callbacks of concurrent requests have the store of their own registration", async (_name, binary) => {
  const worker = await startWorker(new URL("./store-worker.ts", import.meta.url), {
    ...(binary !== undefined && { binary }),
    flags: ["nodejs_als"],
  });
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${worker.port}/${path}`)).text();
  const paths = Array.from({ length: 20 }, (_, i) => String(i));
  await Promise.all(paths.map(get));
  const told = JSON.parse(await get("told")) as string[];
  await worker.close();
  expect(told.sort()).toEqual(
    [...paths.map(() => "added middleware"), ...paths.map((path) => `built /${path}`)].sort(),
  );
});
