import type { Callbacks, ResponseThen } from "../../../src/index.ts";
import type { Maker } from "./maker.ts";

/** Builds our responses, each with the callback. */
export function makerOf(Class: typeof ResponseThen, callback: Callbacks): Maker {
  return {
    make: (body, init) => new Class(body, callback, init),
    from: (response) => Class.from(response, callback),
    json: (data, init) => Class.json(data, callback, init),
    redirect: (url) => Class.redirect(url, callback),
  };
}
