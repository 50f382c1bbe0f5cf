import type { Callback, ResponseThen } from "../../../src/index.ts";

/** What a route answers with. */
export interface Asked {
  /** The class of the host's adapter. */
  readonly Class: typeof ResponseThen;
  /** Given by the client: what happens is recorded under it. */
  readonly id: string;
  readonly url: URL;
  readonly request: Request;
  /** Records the outcome under the name `own`. */
  readonly own: Callback;
}

export type Route = (asked: Asked) => Response | Promise<Response>;
