// The Worker of errors.test.ts: answers with what the adapter said.
import { ResponseThen, withResponseThen } from "../adapters/cloudflare.ts";

const nothing = () => {};

/** A response that nobody reads for a moment is dropped. */
class Impatient extends ResponseThen {
  static override readonly abandonAfter: number = 10;
}

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
    const unread = new Impatient(new ReadableStream(), nothing);
    await unread.finished;
    return Response.json({
      globalScope: await atGlobalScope,
      noWorker: await said(() => withResponseThen({ fetch: "text" } as unknown as { fetch(): Response })),
      unread: await said(() => unread.text()),
    });
  },
};
