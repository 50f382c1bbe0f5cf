// The Worker of the endings: one route per scenario, by the class alone (/alone/…) or wrapped (/wrapped/…).
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

interface Env {
  /** The origin of a server whose body begins and then stalls. */
  UPSTREAM: string;
}

/** What the callbacks saw: how the response ended and, 5 s later, `done`. */
const seen = new Map<string, string[]>();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long a source stays idle before it goes on, in ms. */
const IDLE = 8_000;

/** How long an answer takes, in ms, for a client to leave before. */
const UNANSWERED = 2_000;

/** The class with a watchdog that a test can wait for. */
class Impatient extends ResponseThen {
  static override readonly abandonAfter: number = 4_000;
}

const NEVER = Number.POSITIVE_INFINITY;

/** Pieces of 1 kB; by the number of pulls before: when it stalls, when it ends. */
function source({ every = 5, stallAt = NEVER, endAt = NEVER }) {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause(every);
        if (pulls === stallAt) await pause(IDLE);
        if (pulls === endAt) return controller.close();
        pulls++;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
}

/** A line each second. */
function clock(seconds: number) {
  let told = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (told === seconds) return controller.close();
        await pause(1_000);
        controller.enqueue(new TextEncoder().encode(`second ${++told}\n`));
      },
    },
    { highWaterMark: 0 },
  );
}

/** A callback that takes its time: `done` says that it was waited for. */
function recorder(id: string, idle = false): (outcome: Outcome) => Promise<void> {
  const list: string[] = [];
  seen.set(id, list);
  return async (outcome) => {
    const where = outcome.type === "completed" ? outcome.observed : outcome.phase;
    const late = idle && outcome.duration > IDLE / 2 ? ", with the next piece" : "";
    list.push(`${outcome.type} ${outcome.response.status} ${where}${late}`);
    await pause(5_000);
    list.push("done");
  };
}

async function answer(request: Request, env: Env): Promise<Response> {
  const url = new URL(request.url);
  const route = url.pathname.split("/").at(-1);
  const callback = route === "told" ? () => {} : recorder(url.searchParams.get("id") ?? "", route?.startsWith("idle"));
  switch (route) {
    case "idle":
      return new Impatient(source({ stallAt: 2 }), callback);
    case "idle-ends":
      return new Impatient(source({ stallAt: 2, endAt: 2 }), callback);
    case "32-seconds":
      return new Impatient(clock(32), callback);
    case "40-seconds":
      return new Impatient(clock(40), callback);
    case "idle-native":
      return Impatient.from(await fetch(env.UPSTREAM), callback);
    case "breaks":
      return Impatient.from(await fetch(`${env.UPSTREAM}breaks`), callback);
    case "unsent": {
      const response = new Impatient(source({}), callback);
      await pause(UNANSWERED);
      return response;
    }
    case "unsent-large": {
      const response = new Impatient("x".repeat(300_000), callback);
      await pause(UNANSWERED);
      return response;
    }
    case "told":
      await pause(UNANSWERED);
      return new Response("a plain one");
    case "socket": {
      const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(`echo ${data}`));
      return new Impatient(null, callback, { status: 101, webSocket: client } as ResponseInit);
    }
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
    if (url.pathname === "/seen") return Response.json(seen.get(url.searchParams.get("id") ?? "") ?? null);
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
