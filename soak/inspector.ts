/** The inspector of a workerd: its only way to collect garbage, and to tell what is left. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** @param url Of miniflare's inspector. */
  static async open(url: URL): Promise<Inspector> {
    const list = (await (await fetch(`http://${url.host}/json`)).json()) as { webSocketDebuggerUrl: string }[];
    // Other Workers in the list are miniflare's own.
    const own = list.find(({ webSocketDebuggerUrl }) => webSocketDebuggerUrl.includes("/core:user:"));
    const socket = new WebSocket(own?.webSocketDebuggerUrl ?? "");
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("The inspector of workerd does not answer")));
    });
    return new Inspector(socket);
  }

  /** What the Worker's isolate holds, in bytes. */
  async memory(collect: boolean): Promise<number> {
    // It does not do HeapProfiler.collectGarbage; a snapshot collects before it is taken.
    for (let i = 0; collect && i < 2; i++) await this.#call("HeapProfiler.takeHeapSnapshot");
    type Usage = Record<"usedSize" | "embedderHeapUsedSize" | "backingStorageSize", number>;
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = (await this.#call("Runtime.getHeapUsage")) as Usage;
    return usedSize + embedderHeapUsedSize + backingStorageSize;
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string): Promise<unknown> {
    const id = ++this.#calls;
    this.#socket.send(JSON.stringify({ id, method }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
