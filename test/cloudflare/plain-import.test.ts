// The package as npm installs it, bundled for Workers as wrangler and Cloudflare's Vite plugin do.
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, createConsumer } from "../consumer.ts";

/** wrangler's conditions. */
const conditions = ["workerd", "worker", "browser"];

const worker = (name: string) => `
  import { ResponseThen } from "${name}";

  let told = 0;
  const slow = async () => {
    // The runtime stops what nobody waits for.
    await scheduler.wait(100);
    told++;
  };
  export default {
    async fetch(request) {
      if (request.url.endsWith("/told")) return new Response(String(told));
      return new ResponseThen("Hello", slow);
    },
  };
`;

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer();
});
afterAll(() => consumer?.remove());

async function bundle(name: string): Promise<string> {
  const entry = consumer.write(`${name.replace("/", "-")}.mjs`, worker(name));
  const options = { bundle: true, write: false, format: "esm", target: "es2022" } as const;
  const { outputFiles } = await build({ ...options, entryPoints: [entry], conditions, external: ["cloudflare:*"] });
  return outputFiles[0]?.text ?? "";
}

// Seven requests ran no callback, without a warning.
test.for(["response-then", "response-then/cloudflare"])("callbacks run with the import of %s", async (name) => {
  const miniflare = new Miniflare({ modules: true, script: await bundle(name), compatibilityDate: "2026-07-01" });
  try {
    for (let i = 0; i < 7; i++) {
      expect(await (await miniflare.dispatchFetch("http://localhost/")).text()).toBe("Hello");
    }
    const told = async () => (await miniflare.dispatchFetch("http://localhost/told")).text();
    await expect.poll(told, { timeout: 20_000 }).toBe("7");
  } finally {
    await miniflare.dispose();
  }
});
