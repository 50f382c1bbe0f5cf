// Imported first by every host: nothing is told by the garbage collector, so no verdict hangs on when it runs.
globalThis.FinalizationRegistry = class {
  readonly [Symbol.toStringTag] = "FinalizationRegistry";
  register(): void {}
  unregister(): boolean {
    return false;
  }
};
