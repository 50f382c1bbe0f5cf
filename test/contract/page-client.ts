// The client is a page: by its fetch, its readers, and its AbortControllers.
import type { Page } from "playwright-core";
import type { Answer, Client } from "./client.ts";

/** What the page keeps of an answer. */
interface Kept {
  readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly controller: AbortController;
}

interface Keeping {
  readonly kept: Map<number, Kept>;
}

export async function pageClient(page: Page): Promise<Client> {
  await page.evaluate(() => {
    Object.assign(globalThis, { kept: new Map() });
  });
  let requests = 0;

  async function send(path: string, method = "GET"): Promise<Answer> {
    const id = ++requests;
    const head = await page.evaluate(
      async ({ id, path, method }) => {
        const controller = new AbortController();
        const { signal } = controller;
        const response = await fetch(path, { method, signal, redirect: "manual" });
        (globalThis as unknown as Keeping).kept.set(id, { reader: response.body?.getReader(), controller });
        return { status: response.status, type: response.type, headers: Object.fromEntries(response.headers) };
      },
      { id, path, method },
    );
    return {
      status: head.status,
      headers: head.headers,
      readAtLeast: (size) =>
        page.evaluate(
          async ({ id, size }) => {
            const { reader } = (globalThis as unknown as Keeping).kept.get(id) as Kept;
            let read = 0;
            while (read < size) {
              const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
              if (done) throw new Error(`the body ended after ${read} bytes`);
              read += value.byteLength;
            }
            return read;
          },
          { id, size },
        ),
      async readAll() {
        const text = await page.evaluate(async (id) => {
          const { reader } = (globalThis as unknown as Keeping).kept.get(id) as Kept;
          const pieces: Uint8Array<ArrayBuffer>[] = [];
          for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
            pieces.push(next.value as Uint8Array<ArrayBuffer>);
          }
          return new Promise<string>((resolve) => {
            const file = new FileReader();
            file.onload = () => resolve(file.result as string);
            file.readAsDataURL(new Blob(pieces));
          });
        }, id);
        return Buffer.from(text.slice(text.indexOf(",") + 1), "base64");
      },
      leave: (how = "abort") =>
        page.evaluate(
          async ({ id, how }) => {
            const { reader, controller } = (globalThis as unknown as Keeping).kept.get(id) as Kept;
            if (how === "abort") controller.abort();
            else await reader?.cancel();
          },
          { id, how },
        ),
    };
  }

  return {
    send,
    async leaveUnanswered(path, until) {
      const id = ++requests;
      await page.evaluate(
        ({ id, path }) => {
          const controller = new AbortController();
          (globalThis as unknown as Keeping).kept.set(id, { reader: undefined, controller });
          fetch(path, { signal: controller.signal }).catch(() => {});
        },
        { id, path },
      );
      await until();
      await page.evaluate((id) => (globalThis as unknown as Keeping).kept.get(id)?.controller.abort(), id);
    },
  };
}
