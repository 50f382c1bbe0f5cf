// Servers of @hono/node-server, each as `<package>:<own|native>`, in one process; the library is imported after the last
// serve(). Asks each of them, and prints what it got, as JSON.
import type { AddressInfo } from "node:net";
import process from "node:process";

type Handler = (request: Request, ...rest: unknown[]) => Response | Promise<Response>;

const handlers: Handler[] = [];
const servers = [];
for (const [index, asked] of process.argv.slice(2).entries()) {
  const [name = "", class_] = asked.split(":");
  const { serve } = (await import(name)) as typeof import("@hono/node-server");
  const fetch = (request: Request, ...rest: unknown[]) => (handlers[index] as Handler)(request, ...rest);
  const server = serve({ fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: class_ !== "native" });
  if (!server.listening) await new Promise((listens) => server.once("listening", () => listens(undefined)));
  servers.push(server);
}

const { ResponseThen, withResponseThen, drain } = await import("../../../adapters/node.ts");
const told: string[] = [];
const results: unknown[] = [];
for (const [index, server] of servers.entries()) {
  let isResponse = false;
  handlers[index] = withResponseThen((request: Request) => {
    const kind = new URL(request.url).pathname.slice(1);
    const body = kind === "stream" ? new Response("a body").body : kind === "null" ? null : "a body";
    const response = new ResponseThen(body, ({ type, observed, bytes }) =>
      told.push(`${index} ${kind} ${type} ${observed} ${bytes}`),
    );
    isResponse = response instanceof Response;
    return response;
  });
  for (const kind of ["text", "stream", "null"]) {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${kind}`);
    results.push([index, kind, answer.status, await answer.text(), isResponse]);
  }
}
const { pending } = await drain();
console.log(JSON.stringify({ results, told: told.toSorted(), pending }));
process.exit();
