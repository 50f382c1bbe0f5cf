import { createHonoFetch } from "../hono-app.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): { addr: { port: number } };
};

const fetch = createHonoFetch();
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => fetch(request));
console.log(`port ${addr.port}`);
