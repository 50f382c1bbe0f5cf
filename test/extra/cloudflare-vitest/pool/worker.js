import { ResponseThen } from "response-then";
import { withResponseThen } from "response-then/cloudflare";

/** What the callbacks were told. The Worker runs in the isolate of its tests. */
export const told = [];

/** What nobody waits for is not there yet when a test looks. */
async function tell({ type }) {
  await scheduler.wait(300);
  told.push(type);
}

export default {
  fetch: () => new ResponseThen("Hello", tell),
};

export const withContext = {
  fetch: (_request, _env, waitUntil) => new ResponseThen("Hello", tell, { waitUntil }),
};

export const wrapped = withResponseThen({ fetch: () => new ResponseThen("Hello", () => {}) }, tell);
