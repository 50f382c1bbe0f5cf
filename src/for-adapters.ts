/**
 * The internal door: what adapters use beside the public names. Users do not see it, and the core does not carry it.
 *
 * @module
 */
export { signalsOfRequest } from "./abort-signal.ts";
export { type CarriedBody, carryAll } from "./carried-body.ts";
export { abandonUnread, handlerThrew } from "./close-scope.ts";
export { expected, READ_ON } from "./expected.ts";
export { handOver } from "./hand-over.ts";
export { stateOf, stateOfBody } from "./late-body.ts";
export type { Platform } from "./platform.ts";
export { queueCallback, type RetryOptions } from "./queue-callback.ts";
export { requestFacts } from "./request-facts.ts";
export { openScope, runInScope, type Scope, SMALL } from "./scope.ts";
export { signalsOfInfo } from "./serve-handler-info.ts";
export { NodePlatform, type ServerResponse } from "./server-response.ts";
export { NO_CALLBACKS, SharedCallbacks } from "./shared-callbacks.ts";
export { toLimit } from "./timeout.ts";
export { poolOf } from "./wait-until.ts";
export { type FetchHandler, wrapHandler } from "./wrap-handler.ts";
