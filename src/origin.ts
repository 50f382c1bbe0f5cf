/** Gives a response the `url`, `redirected` and `type` of the one that it is made of: no `ResponseInit` has them. */
export function keepOrigin<T extends Response>(response: T, origin: Response): T {
  for (const name of ["url", "redirected", "type"] as const) {
    const value = origin[name];
    if (response[name] !== value) Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
