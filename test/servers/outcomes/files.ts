// Bodies of files, for files.test.ts.
import { mkdtempSync, openAsBlob, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "response-then-"));
let files = 0;

declare const Bun: { file(path: string): Blob } | undefined;

async function fileOf(size: number): Promise<{ path: string; blob: Blob }> {
  const path = join(folder, `${++files}.txt`);
  writeFileSync(path, Buffer.alloc(size, "x"));
  return {
    path,
    blob: typeof Bun === "undefined" ? await openAsBlob(path) : (Bun as NonNullable<typeof Bun>).file(path),
  };
}

type Route = (asked: { make(body: BodyInit, init?: ResponseInit): Response }) => Promise<Response>;

export const fileRoutes: Record<string, Route> = {};
for (const [name, size] of [
  ["small", 1_000],
  ["large", 200_000],
] as const) {
  fileRoutes[`file-${name}`] = async ({ make }) => make((await fileOf(size)).blob);
  fileRoutes[`file-${name}-gone`] = async ({ make }) => {
    const { path, blob } = await fileOf(size);
    unlinkSync(path);
    return make(blob);
  };
  /** Gone when the response has been built. */
  fileRoutes[`file-${name}-going`] = async ({ make }) => {
    const { path, blob } = await fileOf(size);
    const response = make(blob);
    unlinkSync(path);
    return response;
  };
  fileRoutes[`file-${name}-cut`] = async ({ make }) => {
    const { path, blob } = await fileOf(size);
    const response = make(blob);
    truncateSync(path, 10);
    return response;
  };
}
