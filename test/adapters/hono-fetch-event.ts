/** Answers an event, as the listener of a service worker does. */
export type Listener<Event> = (event: Event) => void;

/**
 * The FetchEvent of a service worker, by the rules of the Service Workers standard that a callback after the response
 * meets. It stands in for a browser's, which are stricter than other platforms: `waitUntil` throws once the listener has
 * returned and nothing is left to wait for, and both methods must be called on the event itself.
 */
export class FetchEvent {
  readonly request: Request;
  #dispatching = false;
  #pending = 0;
  #answer: Promise<Response> | undefined;
  #rest = () => {};
  /** Fulfils when nothing is left to wait for: from then on the browser may stop the worker. */
  readonly over: Promise<void> = new Promise((resolve) => {
    this.#rest = resolve;
  });

  constructor(request: Request) {
    this.request = request;
  }

  /** Calls the listener, and fulfils with what the page gets; rejects where the page gets a network error. */
  dispatch(listener: Listener<this>): Promise<Response> {
    this.#dispatching = true;
    listener(this);
    this.#dispatching = false;
    return this.#answer ?? Promise.reject(new TypeError("Nobody responds to the event"));
  }

  waitUntil(promise: Promise<unknown>): void {
    // A lifetime promise can be added to an event that is being dispatched, or that still has one pending.
    if (!this.#dispatching && this.#pending === 0) throw new DOMException("The event is over", "InvalidStateError");
    this.#pending++;
    const settled = () => {
      if (--this.#pending === 0) this.#rest();
    };
    // One microtask later than it settles.
    promise.then(
      () => queueMicrotask(settled),
      () => queueMicrotask(settled),
    );
  }

  respondWith(answer: Response | Promise<Response>): void {
    if (!this.#dispatching || this.#answer) throw new DOMException("Too late to respond", "InvalidStateError");
    this.#answer = Promise.resolve(answer);
    this.waitUntil(this.#answer);
  }
}
