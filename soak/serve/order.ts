import type { Failure } from "./books.ts";

/** What the client wants to happen, as the query says it. */
export interface Order {
  /** The name of the ending, for the books. */
  readonly name: string;
  readonly way: string;
  readonly failure: Failure;
  /** How many callbacks the response gets, from 1 to 3. */
  readonly callbacks: number;
  readonly chunks: number;
  readonly size: number;
  /** Between two chunks, in ms; no pause at all with -1. */
  readonly every: number;
  /** How long the handler waits before it answers, in ms. */
  readonly wait: number;
}

/** What the URL of a request says. */
export function orderOf(url: URL): Order {
  const { searchParams: query } = url;
  const number = (name: string) => Number(query.get(name) ?? 0);
  return {
    name: query.get("name") ?? "",
    way: url.pathname.split("/")[1] ?? "",
    failure: (query.get("failure") ?? "none") as Failure,
    callbacks: number("callbacks"),
    chunks: number("chunks"),
    size: number("size"),
    every: number("every"),
    wait: number("wait"),
  };
}
