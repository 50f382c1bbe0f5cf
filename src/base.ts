// Chooses the class that `ResponseThen` extends.

let chosen = false;

/**
 * Makes a class extend the `Response` that is global when its first response is built. Under `@hono/node-server` that
 * is the server's own class, which the server sends fastest, and with which `instanceof Response` holds.
 *
 * The base is chosen once, because responses that were built before a change would lose their old methods.
 */
export function chooseBase(extending: { readonly prototype: Response }): void {
  if (chosen) return;
  chosen = true;
  Object.setPrototypeOf(extending, Response);
  Object.setPrototypeOf(extending.prototype, Response.prototype);
}
