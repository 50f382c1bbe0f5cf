// The async context of a callback on workerd, live and late, and the scope across an await, with AsyncLocalStorage.
import { AsyncLocalStorage } from "node:async_hooks";
import { ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

const storage = new AsyncLocalStorage<string>();
const told: string[] = [];
const say = (what: string) => () => void told.push(`${what} ${storage.getStore()}`);

const wrapped = withResponseThen(async (request: Request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/told") return Response.json(told);
  const response = storage.run(pathname, () => new ResponseThen("text", say("built")));
  storage.run("middleware", () => response.onFinished(say("added")));
  await Promise.resolve();
  return response;
});

export default { fetch: wrapped };
