// A site in Netlify's emulator, with the package installed as npm installs it, and what its functions tell.
import { once } from "node:events";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { root, run } from "../../run.ts";
import { startProcess } from "../../servers/shutdown/process.ts";

export interface Netlify {
  /** The url of a path; what is answered there tells under `id`. */
  url(path: string, id: string): URL;
  /** What was told under `id`, in order. */
  told(id: string): readonly unknown[][];
  readonly printed: readonly string[];
  close(): Promise<void>;
}

/** Copies the site to `folder`, and installs the package there. */
async function install(folder: string): Promise<void> {
  cpSync(join(import.meta.dirname, "site"), folder, { recursive: true });
  const example = "netlify/functions/hello.ts";
  copyFileSync(join(root, "examples/netlify", example), join(folder, example));
  const installed = join(folder, "node_modules/response-then");
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, "package.json"), join(installed, "package.json"));
  const outDir = join(installed, "dist");
  const { code, stdout } = await run("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json", "--outDir", outDir]);
  if (code !== 0) throw new Error(`the package was not built: ${stdout}`);
}

export async function startNetlify(): Promise<Netlify> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-netlify-"));
  await install(folder);
  const notes = new Map<string, unknown[][]>();
  const told = (id: string) => {
    const events = notes.get(id) ?? [];
    notes.set(id, events);
    return events;
  };
  const listener = createServer(async (message, response) => {
    told(String(message.url).slice(1)).push(JSON.parse(await text(message)));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");

  const emulator = startProcess(
    [process.execPath, join(import.meta.dirname, "emulator.mjs")],
    // Its settings and Deno's cache are to be its own. It finds Deno by the path.
    {
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, ".config"),
      PATH: [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
    },
    pathToFileURL(`${folder}/`),
  );
  const [, port] = await emulator.line(/^port (\d+)$/);
  return {
    url(path, id) {
      const query = new URLSearchParams({ notes: `${(listener.address() as AddressInfo).port}`, id });
      return new URL(`http://localhost:${port}${path}${path.includes("?") ? "&" : "?"}${query}`);
    },
    told,
    printed: emulator.printed,
    async close() {
      await emulator.close();
      listener.closeAllConnections();
      listener.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
