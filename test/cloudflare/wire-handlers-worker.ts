// The Workers of wire-handlers.test.ts: the binding KIND says which one this is.
import { env, WorkerEntrypoint } from "cloudflare:workers";
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

declare module "cloudflare:workers" {
  export const env: { readonly KIND: keyof typeof kinds };
  export class WorkerEntrypoint {}
}

/** What happened, in its order. */
const events: string[] = [];
const record = (name: string) => (outcome: Outcome) => void events.push(`${name} ${outcome.type} ${outcome.bytes}`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The class with a watchdog that runs out long before a stream of a few seconds does. */
class Impatient extends ResponseThen {
  static override readonly abandonAfter: number = 200;
}

function answer(request: Request, name: string): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/events") return Response.json(events);
  if (pathname !== "/long") return new ResponseThen(`Hello from ${name}`, record(name));
  let chunks = 0;
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await pause(300);
      if (chunks++ === 10) controller.close();
      else controller.enqueue(new Uint8Array(1_000));
    },
  });
  return new Impatient(source, record(name));
}

const object = {
  name: "an object",
  fetch(request: Request): Response {
    return answer(request, this.name);
  },
  scheduled({ cron }: { cron: string }): void {
    events.push(`${this.name} scheduled ${cron}`);
  },
  queue({ queue, messages }: { queue: string; messages: readonly { body: unknown }[] }): void {
    events.push(`${this.name} queue ${queue} ${messages.map(({ body }) => body)}`);
  },
};

class Private {
  readonly #name = "an instance";
  fetch(request: Request): Response {
    return answer(request, this.#name);
  }
  scheduled({ cron }: { cron: string }): void {
    events.push(`${this.#name} scheduled ${cron}`);
  }
  queue({ queue, messages }: { queue: string; messages: readonly { body: unknown }[] }): void {
    events.push(`${this.#name} queue ${queue} ${messages.map(({ body }) => body)}`);
  }
}

class Entrypoint extends WorkerEntrypoint {
  readonly name: string = "an entrypoint";
  fetch(request: Request): Response | Promise<Response> {
    return answer(request, this.name);
  }
  scheduled({ cron }: { cron: string }): void {
    events.push(`${this.name} scheduled ${cron}`);
  }
}

class WrappingEntrypoint extends Entrypoint {
  override readonly name = "a wrapping entrypoint";
  readonly #answer = withResponseThen((request: Request) => answer(request, this.name), record("after"));
  override fetch(request: Request): Promise<Response> | Response {
    return this.#answer(request);
  }
}

const kinds = {
  alone: () => object,
  object: () => withResponseThen(object),
  private: () => withResponseThen(new Private()),
  entrypoint: () => Entrypoint,
  "wrapping-entrypoint": () => WrappingEntrypoint,
  "global-scope": () => new ResponseThen("Hello", record("at global scope")),
  "no-worker": () => {
    const thrown: string[] = [];
    for (const worker of [undefined, {}, { fetch: "text" }, Entrypoint]) {
      try {
        withResponseThen(worker as unknown as { fetch(): Response });
      } catch (error) {
        thrown.push(String(error));
      }
    }
    return { fetch: () => Response.json(thrown) };
  },
  "global-scope-caught": () => {
    const thrown: string[] = [];
    const bodies = { string: "Hello", bytes: new Uint8Array(3), null: null, blob: new Blob(["Hello"]) };
    for (const [name, body] of Object.entries(bodies)) {
      try {
        new ResponseThen(body, record(name));
      } catch (error) {
        thrown.push(`${name}: ${error}`);
      }
    }
    return { fetch: () => Response.json({ thrown, events }) };
  },
};

export default kinds[env.KIND]();
