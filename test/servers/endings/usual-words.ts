import { words } from "./words.ts";

/** Of a body that is read to its end. */
export const COMPLETED = words("completed, pulled", "completed, flushed", "completed, pulled");
/** Of a fixed body that Bun and Deno are given as it is. */
export const COMPLETED_SMALL = words("completed, pulled", "completed, flushed", "completed, handed-over");
/** Of a response without a body, and of the answer to a `HEAD`. */
export const NO_BODY = words("completed, handed-over", "completed, flushed", "completed, handed-over");
/** Of a client that left while the body went out. */
export const CANCELED = words("canceled mid-body, pulled", "canceled mid-body, flushed", "canceled mid-body, pulled");
/** Of what nobody refers to any more. */
export const COLLECTED = "canceled before-body, pulled, abandoned";
/** Without a wrapped handler, as in Express and Fastify, it is noticed when it is collected. */
export const DROPPED = { ...words(COLLECTED, "canceled before-body, handed-over, abandoned"), handed: COLLECTED };
/** The same, where the handler threw. */
export const THROWN = { ...words(COLLECTED, "errored before-body, handed-over"), handed: COLLECTED };
/** Deno notices while it reads. */
export const DENO_LATE = "canceled before-body, pulled; or canceled mid-body, pulled";
