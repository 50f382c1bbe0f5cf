/**
 * Middleware for fetch handlers: functions that wrap one handler in another, on every runtime with the Fetch API.
 *
 * @module
 */
export { compose } from "./compose.ts";
export { type HeaderEntries, headers, type MakeHeaders } from "./headers.ts";
export type { LogEntry } from "./log-entry.ts";
export type { LogFormat } from "./log-format.ts";
export { type LoggerOptions, logger } from "./logger.ts";
export type { FetchHandler, Middleware } from "./middleware.ts";
export type { Redact } from "./redact.ts";
export {
  type ByteTransformer,
  type Piece,
  type TextTransformer,
  type Transformation,
  type TransformOptions,
  transform,
} from "./transform.ts";
