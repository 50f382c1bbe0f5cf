// The class that ours extends.

let chosen = false;

/**
 * A class extends the `Response` that is global when its first response is built: of `@hono/node-server` that is one of
 * its own, which it sends fastest, and with which `instanceof Response` holds.
 *
 * What was built before a change of the base would lose its old methods, so it is chosen once.
 */
export function chooseBase(extending: { readonly prototype: Response }): void {
  if (chosen) return;
  chosen = true;
  Object.setPrototypeOf(extending, Response);
  Object.setPrototypeOf(extending.prototype, Response.prototype);
}
