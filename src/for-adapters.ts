/**
 * The internal door: what adapters use beside the public names. Users do not see it, and the core does not carry it.
 *
 * @module
 */
export { expected } from "./expected.ts";
export { abandonUnread, type CarriedBody, handlerThrew, handOver, type Platform } from "./hand-over.ts";
export { runInScope, type Scope } from "./scope.ts";
export { SharedCallbacks } from "./shared-callbacks.ts";
export { stateOf } from "./state.ts";
export { toLimit } from "./timeout.ts";
export { type FetchHandler, wrapHandler } from "./wrap-handler.ts";
