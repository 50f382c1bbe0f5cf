// What clients do to an answer, by whichever means the host has.

/** By a reset, or by an abort of the fetch (`abort`); or by closing the connection, or by `cancel()` (`close`). */
export type Leaving = "abort" | "close";

/** The head of an answer; its body is read on demand. */
export interface Answer {
  readonly status: number;
  /** Of several with one name, as an array. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Reads until at least `size` bytes have come, and then stops reading; fulfils with how many these are. */
  readAtLeast(size: number): Promise<number>;
  /** Reads the rest; rejects when the connection ends before the body does. */
  readAll(): Promise<Buffer>;
  leave(how?: Leaving): Promise<void>;
}

export interface Client {
  /** Asks for a path, and waits for the head of the answer. */
  send(path: string, method?: string): Promise<Answer>;
  /** Asks for a path, and leaves when `until` fulfils, though there is no answer yet. */
  leaveUnanswered(path: string, until: () => Promise<unknown>): Promise<void>;
}
