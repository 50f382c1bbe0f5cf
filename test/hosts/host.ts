/** A runtime that serves an application on a real socket. */
export interface Host {
  /** The runtime's name, as in `node`, `workerd`. */
  readonly name: string;
  /** Starts a server; `close` ends it. */
  start(): Promise<Running>;
}

export interface Running {
  readonly port: number;
  close(): Promise<void>;
  /** What the server wrote to its standard error so far. */
  readonly complaints: () => string;
}
