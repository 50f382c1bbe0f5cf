// A proxy that streams an origin's answers through. When an answer has ended, it writes a line of access log and hands a
// bill for what went out on to a queue, which keeps the bill until it is in the ledger.
import { type Outcome, ResponseThen, withResponseThen } from "response-then/cloudflare";
import { enqueue, type QueueProducer } from "response-then/cloudflare-queue";

/** `npx wrangler types` writes this too, with Cloudflare's own types. */
interface Env {
  ORIGIN: string;
  BILLS: QueueProducer<Bill>;
  LEDGER: { put(key: string, value: string): Promise<void> };
}

interface Bill {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  /** `false` when the client left, or the origin failed, before the end. */
  readonly whole: boolean;
}

interface Batch {
  readonly messages: readonly { readonly body: Bill }[];
}

export default withResponseThen({
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname: path, search } = new URL(request.url);
    const target = Object.assign(new URL(env.ORIGIN), { pathname: path, search });
    const answer = await fetch(new Request(target, request)).catch(
      () => new Response("The origin does not answer\n", { status: 502 }),
    );
    const log = ({ type, response, bytes, duration }: Outcome) =>
      console.log(`${request.method} ${path} ${response.status} ${type}, ${bytes} bytes in ${duration.toFixed(0)} ms`);
    const id = crypto.randomUUID();
    const bill = enqueue(env.BILLS, ({ type, response, bytes }) =>
      response.ok ? { id, path, bytes, whole: type === "completed" } : undefined,
    );
    return ResponseThen.from(answer, [log, bill]);
  },

  async queue({ messages }: Batch, env: Env): Promise<void> {
    // By its id: a queue may deliver a bill twice, and the second one changes nothing.
    for (const { body } of messages) await env.LEDGER.put(body.id, JSON.stringify(body));
  },
});
