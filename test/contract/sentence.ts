import type { Host, Way } from "./host.ts";
import type { Visit } from "./visit.ts";

/** A promise, and how it is checked over HTTP, against the application of a host. */
export interface Sentence {
  readonly text: string;
  /** Whose promise or bug it is after; `own` where it is ours. */
  readonly from: string;
  readonly run: (visit: Visit) => Promise<void>;
  /** The ways in which it means something; default all. */
  readonly ways?: readonly Way[];
  /** Whether it means something on a host, in a way; default yes. */
  readonly on?: (host: Host, way: Way) => boolean;
  /** Nothing else may go on in the host meanwhile. */
  readonly serial?: boolean;
  /** It takes seconds, whatever the machine. */
  readonly slow?: boolean;
}

/** Only where a client has a socket of its own. */
export const onSockets = ({ sockets }: Host): boolean => sockets;

/** Only where it speaks HTTP/1.1 on it. */
export const onHttp1 = ({ sockets, http2 }: Host): boolean => sockets && !http2;

/** The ways in which something sees what the handler answers. */
export const ADAPTED: readonly Way[] = ["wrapped", "middleware", "hono"];

/** The ways whose adapter may have a callback of its own. */
export const TOLD: readonly Way[] = ["wrapped", "middleware"];

/** The ways in which the host's adapter knows the request. */
export const BY_ADAPTER: readonly Way[] = [...TOLD, "handed"];
