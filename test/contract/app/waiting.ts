import { eventsOf, note } from "./records.ts";

interface Waiting {
  waitUntil?(promise: Promise<unknown>): void;
}

/** Notes under an id of its own what had happened when the platform had nothing left to wait for. */
export function noteWaited(url: string): void {
  const id = new URL(url).searchParams.get("id") ?? "";
  note(`waited-${id}`, "waited", { after: eventsOf(id).map(({ at }) => at) });
}

/** Notes when what a platform's own `waitUntil` was given has settled; the platform gets it all the same. */
export function watchWaiting<T extends Waiting>(platform: T, url: string): T {
  const waitUntil = platform.waitUntil?.bind(platform);
  if (!waitUntil) return platform;
  const watched = (promise: Promise<unknown>) => {
    promise.then(() => noteWaited(url));
    waitUntil(promise);
  };
  Object.defineProperty(platform, "waitUntil", { value: watched, configurable: true });
  return platform;
}
