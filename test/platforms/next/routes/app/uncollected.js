// Imported first: nothing is told by the garbage collector.
globalThis.FinalizationRegistry = class {
  register() {}
  unregister() {}
};
