/** The size of the answer that is written at once and read slowly: more than a socket and its client have room for. */
export const LARGE = 32_000_000;
