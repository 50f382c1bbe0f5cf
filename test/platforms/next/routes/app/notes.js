// What callbacks and sources saw, by the id of the request. Next may have a module twice, one for each route.
globalThis.notes ??= new Map();

export function note(id, ...event) {
  globalThis.notes.set(id, [...(globalThis.notes.get(id) ?? []), event]);
}

/** A callback that notes what it is told. */
export function record(id, name) {
  return (outcome) => {
    const { type, observed, bytes, response } = outcome;
    const why = type === "canceled" ? outcome.reason.name : type === "errored" ? `${outcome.error}` : "";
    const location = response.headers.get("location");
    note(id, name, type, observed, response.status, why || (location ?? bytes), ...(why ? [outcome.phase] : []));
  };
}
