/** How fast a slow reader reads, in bytes per ms. */
const SLOWLY = 4_000;

/** How often pieces are told of, in ms. */
const BUNDLE = 100;

/**
 * Makes a request, reads the answer to its end, and tells what the browser sees of it. Never rejects.
 *
 * @param {{ path: string, method?: string, slowly: boolean }} request
 * @param {string} id By which the server's side of it is found.
 * @param {AbortSignal} signal Ends it.
 * @param {(fact: { what: string, at: number }) => void} tell
 */
export async function ask({ path, method = "GET", slowly }, id, signal, tell) {
  const see = (what, details = {}) => tell({ ...details, what, at: Date.now() });
  const url = new URL(path, location.href);
  url.searchParams.set("id", id);
  see("asked", { request: `${method} ${url.pathname}` });
  try {
    const response = await fetch(url, { method, signal, cache: "no-store" });
    see("head", { status: response.status, redirected: response.redirected && new URL(response.url).pathname });
    if (response.body) await read(response.body.getReader(), slowly, signal, see);
    see("end");
  } catch (error) {
    if (signal.aborted) see("aborted");
    else see("broke off", { error: `${error}` });
  }
}

async function read(reader, slowly, signal, see) {
  let [count, bytes, told] = [0, 0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (count === 0 && !done) see("first byte");
    if (!done) [count, bytes] = [count + 1, bytes + value.byteLength];
    if (count > 0 && (done || Date.now() - told >= BUNDLE)) {
      told = Date.now();
      see("pieces", { count, bytes });
    }
    if (done) return;
    if (slowly) await pause(value.byteLength / SLOWLY, signal);
  }
}

/** Fulfils after `ms`, or rejects when the signal aborts. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
}
