import type { Agent } from "node:http";
import { send } from "../client.ts";
import type { RunningServer } from "./servers.ts";

/** What a client saw: a whole body, one that was cut, or the status of a server that could not answer. */
export type Seen = "whole" | "cut" | "failed" | "none";

/** Asks for a path, and reads what comes. */
export async function look(
  { control }: RunningServer,
  path: string,
  whole: number,
  connections?: Agent,
): Promise<Seen> {
  const exchange = await send(control.url(path), connections ? { agent: connections } : {}).catch(() => undefined);
  if (!exchange) return "none";
  const body = await exchange.readAll().catch(() => undefined);
  if (exchange.status !== 200) return "failed";
  return body?.byteLength === whole ? "whole" : "cut";
}
