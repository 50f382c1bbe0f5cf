import type { ResponseThen, ResponseThenInit } from "../../src/index.ts";
import { built, dueOnce } from "./books.ts";
import type { Order } from "./order.ts";
import { pause } from "./source.ts";

/** Makes the responses of one request, each with callbacks that are due. */
export class Maker {
  readonly #Class: typeof ResponseThen;
  readonly #order: Order;

  constructor(Class: typeof ResponseThen, order: Order) {
    this.#Class = Class;
    this.#order = order;
  }

  /** A response with one to three callbacks, of which the first fails if one is to. */
  of(body: ConstructorParameters<typeof Response>[0], init: ResponseThenInit = {}): ResponseThen {
    const [callbacks, options, more] = this.#callbacks();
    return more(new this.#Class(body, callbacks, { ...options, ...init }));
  }

  from(response: Response): ResponseThen {
    const [callbacks, options, more] = this.#callbacks();
    return more(this.#Class.from(response, callbacks, options));
  }

  written(): ResponseThen {
    const [callbacks, options, more] = this.#callbacks();
    const { chunks, size, every } = this.#order;
    const write: Parameters<typeof ResponseThen.stream>[0] = async (writer) => {
      for (let i = 0; i < chunks; i++) {
        if (every >= 0) await pause(every);
        await writer.write("x".repeat(size));
      }
    };
    return more(this.#Class.stream(write, callbacks, options));
  }

  json(): ResponseThen {
    const [callbacks, options, more] = this.#callbacks();
    return more(this.#Class.json("x".repeat(this.#order.size - 2), callbacks, options));
  }

  redirect(): ResponseThen {
    const [callbacks, , more] = this.#callbacks("none");
    return more(this.#Class.redirect("http://localhost/elsewhere", callbacks, 303));
  }

  /** A plain response, which the adapter watches where it has a callback of its own. */
  plain(text: string): Response {
    if (this.#order.way === "told") built();
    return new Response(text);
  }

  #callbacks(failure = this.#order.failure) {
    built();
    const { name, callbacks: count } = this.#order;
    const first = dueOnce(name, failure);
    const options = { onError: first.onError, timeout: 100 };
    const second = count > 1 ? [{ finally: dueOnce(name).callback }] : [];
    const callbacks = [first.callback, ...second];
    const more = (response: ResponseThen) => (count > 2 ? response.onFinished(dueOnce(name).callback) : response);
    return [callbacks, options, more] as const;
  }
}
