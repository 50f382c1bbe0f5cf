// Runs the clients of a scenario against a server, over real sockets, and collects what they received.
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { vi } from "vitest";
import type { Told } from "./run.ts";
import {
  type Client,
  idOf,
  type Received,
  type RequestOptions,
  type Scenario,
  type Visit,
  type Way,
} from "./scenario.ts";

/** The result of a scenario's visit. */
export interface Result {
  readonly received: readonly Received[];
  /** When the visit was over, in ms since the epoch. */
  readonly end: number;
  /** What the callbacks were told, when all had run or the time was over. */
  readonly told: readonly Told[];
}

/** How long to wait, in ms: longer than for the callbacks that run 5 s late. */
const PATIENCE = 40_000;

/** Sends a request of the test itself to a server. */
export async function ask<T>(port: number, path: string): Promise<T> {
  return (await (await fetch(`http://127.0.0.1:${port}/control/${path}`)).json()) as T;
}

interface Notes {
  readonly told: readonly Told[];
  readonly marks: readonly string[];
}

/**
 * Runs the clients of a scenario.
 *
 * @param names The callbacks that must run.
 */
export async function visit(
  port: number,
  way: Way | "plain" | "plain-hono",
  scenario: Scenario,
  names: readonly string[],
): Promise<Result> {
  const run = `${way}/${idOf(scenario)}`;
  const isControl = way.startsWith("plain");
  const notes = () => ask<Notes>(port, `notes?run=${run}`);
  const until = (due: (notes: Notes) => boolean, timeout: number) =>
    vi.waitUntil(async () => due(await notes()), { timeout, interval: 20 });
  const has = async (who: string) => (await notes()).told.some((told) => told.who === who);
  const isTold = ({ told }: Notes) => names.every((name) => told.some(({ who }) => who === name));
  // An agent of its own: a server that fails closes the connection, which must not be that of another scenario. The
  // agent closes an idle connection long before a server would.
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, timeout: 1_000 });
  const client: Client = {
    open: (route, options) => open(`http://127.0.0.1:${port}/${run}/${route}`, agent, options),
    get: (route, options) => client.open(route, options).received,
    async say(word) {
      await ask(port, `say/${word}?run=${run}`);
    },
    async marked(mark, count = 1) {
      await until(({ marks }) => marks.filter((each) => each === mark).length >= count, 10_000);
    },
    async hasTold(who) {
      if (!isControl) await vi.waitUntil(() => has(who), { timeout: 30_000, interval: 20 });
    },
    async untold(who) {
      if (!isControl && (await has(who))) throw new Error(`${who} was told before its response had ended`);
    },
  };
  const received = await Promise.race([scenario.visit(client), hung(scenario)]);
  const end = Date.now();
  if (!isControl) await until(isTold, PATIENCE).catch(() => {});
  return { received, end, told: (await notes()).told };
}

/** Rejects after some time, so that a hang fails with a message that says what hangs. */
async function hung({ name }: Scenario): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
  throw new Error(`the clients still wait: ${name}`);
}

function open(url: string, agent: Agent, { method = "GET", headers = {} }: RequestOptions = {}): Visit {
  const outgoing = request(url, { method, headers: { "accept-encoding": "gzip", ...headers }, agent });
  let came = () => {};
  const first = new Promise<void>((resolve) => {
    came = resolve;
  });
  const read = async (): Promise<Received> => {
    const received = { status: 0, headers: {}, body: "" };
    try {
      const [message] = (await once(outgoing, "response")) as [IncomingMessage];
      // The reader of the body gets the error as well.
      outgoing.on("error", () => {});
      received.status = message.statusCode ?? 0;
      received.headers = withoutTime(message.headers);
      const gunzip = createGunzip();
      const zipped = message.headers["content-encoding"] === "gzip" && method !== "HEAD";
      const decoder = new TextDecoder();
      for await (const piece of zipped ? pipeline(message, gunzip, () => {}) : message) {
        received.body += decoder.decode(piece, { stream: true });
        came();
      }
      return { ...received, whole: true };
    } catch {
      // The answer was cut or never came, or the client left.
      return { ...received, whole: false };
    } finally {
      came();
    }
  };
  const leave = () => {
    // workerd does not take a FIN as a sign while the body's source is idle, so reset the connection.
    outgoing.socket?.resetAndDestroy();
    outgoing.destroy();
  };
  const received = read();
  outgoing.end();
  return { first, received, leave };
}

/** The headers without the date and those of the connection, which may differ each time. */
function withoutTime(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !["date", "connection", "keep-alive"].includes(name)),
  );
}
