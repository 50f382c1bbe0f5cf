// The Worker of the endings table: one route per scenario, by the class alone (/alone/…) or wrapped (/wrapped/…).
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

interface Env {
  /** The origin of a server whose body begins and then stalls. */
  UPSTREAM: string;
}

/** What the callbacks saw: `began` and, 1 s later, `done`. */
const seen = new Map<string, string[]>();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The class with a watchdog that a test can wait for. */
class Impatient extends ResponseThen {
  static override readonly patience: number = 1_500;
}

function source({ every = 5, stallAt = Number.POSITIVE_INFINITY, failAt = Number.POSITIVE_INFINITY }) {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause(every);
        if (pulls === failAt) return controller.error(new Error("source failed"));
        // Not for ever: a request that waits for nothing is killed as hung, with plain responses too.
        if (pulls === stallAt) await pause(60_000);
        pulls++;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
}

/** A callback that takes its time: `done` says that it was waited for. */
function recorder(id: string): (outcome: Outcome) => Promise<void> {
  const list: string[] = [];
  seen.set(id, list);
  return async (outcome) => {
    const where = outcome.type === "completed" ? outcome.observed : outcome.phase;
    list.push(`${outcome.type} ${outcome.response.status} ${where}`);
    await pause(1_000);
    list.push("done");
  };
}

async function answer(request: Request, env: Env): Promise<Response> {
  const url = new URL(request.url);
  const route = url.pathname.split("/").at(-1);
  const callback = route === "told" ? () => {} : recorder(url.searchParams.get("id") ?? "");
  switch (route) {
    case "string":
      return new Impatient("Hello, world", callback);
    case "large":
      return new Impatient("x".repeat(300_000), callback);
    case "flowing":
      return new Impatient(source({}), callback);
    case "idle":
      return new Impatient(source({ stallAt: 2 }), callback);
    case "idle-native":
      return Impatient.from(await fetch(env.UPSTREAM), callback);
    case "unbuilt":
      await pause(400);
      return new Impatient(source({}), callback);
    case "unsent": {
      const response = new Impatient(source({}), callback);
      await pause(400);
      return response;
    }
    case "told":
      await pause(400);
      return new Response("a plain one");
    case "fails-first":
      return new Impatient(source({ failAt: 0 }), callback);
    case "fails":
      return new Impatient(source({ failAt: 2 }), callback);
    case "204":
    case "304":
      return new Impatient(null, callback, { status: Number(url.pathname.slice(-3)) });
    case "redirect":
      return Impatient.redirect(new URL("/elsewhere", url), callback);
    case "socket": {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(`echo ${data}`));
      return new Impatient(null, callback, { status: 101, webSocket: client } as ResponseInit);
    }
    case "throws":
      new Impatient("never sent", callback);
      throw new Error("handler failed");
    case "dropped":
      new Impatient("never sent", callback);
      return new Response("another one");
    default:
      return new Response("no such route", { status: 404 });
  }
}

const wrapped = withResponseThen(answer);

export default {
  fetch(request: Request, env: Env): Promise<Response> | Response {
    const url = new URL(request.url);
    if (url.pathname === "/seen") return Response.json(seen.get(url.searchParams.get("id") ?? "") ?? []);
    if (url.pathname === "/wrapped/told") {
      return withResponseThen(answer, recorder(url.searchParams.get("id") ?? ""))(request, env);
    }
    return url.pathname.startsWith("/wrapped/") ? wrapped(request, env) : answer(request, env);
  },
};

declare interface WebSocket {
  accept(): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  send(data: string): void;
}
declare const WebSocketPair: new () => Record<"0" | "1", WebSocket>;
