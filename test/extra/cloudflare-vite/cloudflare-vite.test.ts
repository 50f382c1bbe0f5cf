// A Worker built by Cloudflare's Vite plugin, with the package as npm installs it, on the workerd that the plugin brings.
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { fetchOnce } from "../../client.ts";
import { startProcess } from "../../servers/shutdown/process.ts";
import { installedIn } from "../frameworks/harness/framework.ts";
import { install, succeed } from "../frameworks/harness/install.ts";

const folder = import.meta.dirname;
const [vite, wrangler] = [installedIn(folder, "vite"), installedIn(folder, "wrangler")];
// Neither asks Cloudflare for anything.
const OFFLINE = { NO_COLOR: "1", CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" };
const anywhere = ["--port", "0"];
const built = "dist/built_by_vite/wrangler.json";

beforeAll(async () => {
  await install(folder);
  // What `vite dev` has kept of the package as it was.
  rmSync(join(folder, "node_modules/.vite"), { recursive: true, force: true });
  await succeed(vite, ["build"], folder, OFFLINE);
});

describe.for([
  ["`vite dev`", [vite, "dev", "--host", "127.0.0.1", ...anywhere]],
  ["`vite build`, run by `vite preview`", [vite, "preview", "--host", "127.0.0.1", ...anywhere]],
  ["`vite build`, run by `wrangler dev`", [wrangler, "dev", "--config", built, "--ip", "127.0.0.1", ...anywhere]],
] as const)("%s", ([, command]) => {
  test("callbacks of 300 ms run with both imports, wrapped or not", async () => {
    const running = startProcess(command, OFFLINE, pathToFileURL(join(folder, "/")));
    try {
      const [, origin] = await running.line(/(http:\/\/127\.0\.0\.1:\d+)/);
      const get = async (path: string) => (await fetchOnce(`${origin}${path}`)).text();
      expect(await get("/same")).toBe("true");
      for (const path of ["/plain", "/cloudflare", "/wrapped"]) {
        // What was written stays on the disk, also for the next command.
        const id = randomUUID();
        expect(await get(`${path}?id=${id}`)).toBe("Hello");
        await expect.poll(() => get(`/told?id=${id}`), { timeout: 20_000 }).toBe("completed");
      }
    } finally {
      await running.close();
    }
  });
});
