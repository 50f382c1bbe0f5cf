/**
 * The internal entry point: what adapters and middleware import besides the public names. It is not public, and the
 * core does not import it.
 *
 * @module
 */

export { type BodySource, byteLengthOf, kindOf } from "../body/content.ts";
export { lockSource, type SourceReader } from "../body/source-reader.ts";
export { lifecycleOf, stampAsCopy, stampOf } from "../body/stamp.ts";
export type { WatchedBody } from "../body/watched-body.ts";
export { openAll } from "../body/watched-stream.ts";
export { toBytes } from "../body/written-body.ts";
export { expected, READ_ON, tagOf, toLimit } from "../expected.ts";
export { toWaitUntil } from "../lifecycle/options.ts";
export type { Counted, End } from "../lifecycle/outcome.ts";
export { queueCallback, type RetryOptions } from "../queues/queue-callback.ts";
export { onBun, onDeno, Stream } from "../runtime.ts";
export { CallbacksForAll } from "./callbacks-for-all.ts";
export { currentHandling, type Handling } from "./current.ts";
export { SMALL, signalsOfInfo } from "./deno.ts";
export { Exchange } from "./exchange.ts";
export { abandonUnread } from "./hand-over.ts";
export type { HostSignals } from "./host-signals.ts";
export { lengthOf } from "./look.ts";
export { NodeSignals, outgoingOf, type ServerResponse } from "./node.ts";
export { signalsOfRequest, signalsOnBun } from "./request-signal.ts";
export { type FetchHandler, wrapHandler } from "./wrap-handler.ts";
export { wrapWorker } from "./wrap-worker.ts";
