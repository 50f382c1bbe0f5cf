// The Worker of errors.test.ts: answers with what the adapter said.
import { ResponseThen, withResponseThen } from "../adapters/cloudflare.ts";

const nothing = () => {};

async function said(run: () => unknown): Promise<string> {
  try {
    return `${await run()}`;
  } catch (error) {
    return `${error}`;
  }
}

const atGlobalScope = said(() => new ResponseThen("Hello", nothing));

export default {
  async fetch(): Promise<Response> {
    // To a HEAD only the head is sent.
    const unread = new ResponseThen(new ReadableStream(), nothing);
    withResponseThen((_: Request) => unread)(new Request("http://localhost/", { method: "HEAD" }));
    return Response.json({
      globalScope: await atGlobalScope,
      noWorker: await said(() => withResponseThen({ fetch: "text" } as unknown as { fetch(): Response })),
      unread: await said(() => unread.text()),
    });
  },
};
