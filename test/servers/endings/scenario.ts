import type { Call } from "./client.ts";
import type { Visit } from "./visit.ts";
import type { Words } from "./words.ts";

/** A row of the table. */
export interface Scenario {
  readonly text: string;
  readonly route: string;
  readonly method?: string;
  /** The status that the callback is told; 200 unless said. */
  readonly status?: number;
  /** The bytes of the whole body; a stream that never ends has none. */
  readonly total?: number;
  /** How often the source is canceled, where that is the same everywhere. */
  readonly cancels?: number;
  readonly act: (call: Call, visit: Visit) => Promise<void>;
  readonly told: Words;
  /** The callback that is meant; `own` unless said. */
  readonly name?: string;
  /** The other callbacks that run. */
  readonly beside?: readonly string[];
  /** Nobody refers to the response any more: on some ways it ends when it is collected. */
  readonly dropped?: boolean;
  /** By HTTP/1.1 only. */
  readonly http1?: boolean;
}
