import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";
import { type BrowserContext, chromium } from "playwright-core";

/** Whether there is a Chromium for this machine. */
export const available: boolean = process.platform === "linux" && process.arch === "x64";

export interface Chromium {
  readonly version: string;
  /** With storage of its own, and so with service workers of its own. */
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Unpacks Chromium into a folder of its own, with the libraries that not every machine has, and starts it. */
export async function startChromium(): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-chromium-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const [executablePath, libraries] = await unpackInto(folder);
    const path = [join(libraries, "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    const browser = await chromium.launch({ executablePath, env: { ...process.env, LD_LIBRARY_PATH: path } });
    return {
      version: browser.version(),
      context: await browser.newContext(),
      async close() {
        await browser.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function unpackInto(folder: string): Promise<[executablePath: string, libraries: string]> {
  const packed = (file: string) =>
    fileURLToPath(new URL(`../../../node_modules/@sparticuz/chromium/bin/${file}`, import.meta.url));
  const { TMPDIR } = process.env;
  // The place that it takes by itself may hold what another process has unpacked by half.
  process.env.TMPDIR = folder;
  try {
    return await Promise.all([inflate(packed("chromium.br")), inflate(packed("al2023.tar.br"))]);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}
