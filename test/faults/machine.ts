// What only runtimes with files can do: Node, Bun and Deno.
import { existsSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { memory as collect } from "../../bench/servers/serve/memory.ts";
import { hear, type Make, type Route } from "./app.ts";
import { record, recorder } from "./records.ts";
import { pulled } from "./routes.ts";

const FOLDER = process.env.FOLDER ?? "";
const FILE = join(FOLDER, "file");

/**
 * Its callback blocks the thread until the test has written a file, and for 30 s at most. When it begins it writes one
 * itself, for it can answer nobody.
 */
const blocks: Route = ({ id, query, make }) =>
  make("x".repeat(Number(query.get("bytes"))), {}, (outcome) => {
    recorder(id, "own")(outcome);
    writeFileSync(join(FOLDER, `${id}.begun`), "");
    const sleep = new Int32Array(new SharedArrayBuffer(4));
    let slept = 0;
    while (!existsSync(join(FOLDER, `${id}.enough`)) && slept++ < 3_000) Atomics.wait(sleep, 0, 0, 10);
    record(id, slept < 3_000 ? "unblocked" : "unblocked by nobody");
  });

function contentOf(open: () => Promise<FileHandle>, make: Make, id: string): Response {
  let opened: Promise<FileHandle> | undefined;
  const next = async () => {
    if (opened === undefined) {
      opened = open();
      await opened;
      record(id, "opened");
    }
    const file = await opened;
    await hear("read");
    const { bytesRead, buffer } = await file.read(new Uint8Array(400), 0, 400);
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    await file.close();
    return undefined;
  };
  // What could not be opened need not be closed.
  return make(pulled(next, () => opened?.then((file) => file.close()).catch(() => {})));
}

/** A file that is opened when the body is read: its failure is that of the source. */
const file: Route = ({ id, make }) => contentOf(() => open(FILE), make, id);

/** A file that is opened before there is a response: its failure is that of the handler. */
const opens: Route = async ({ id, make }) => {
  const handle = await open(FILE).catch((error) => {
    record(id, `not opened ${error.code}`);
    throw error;
  });
  return contentOf(async () => handle, make, id);
};

export const files: Readonly<Record<string, Route>> = { blocks, file, opens };

export const memory = async (): Promise<number> => (await collect()).heap;
