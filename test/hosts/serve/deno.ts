import { ResponseThen } from "../../../src/index.ts";
import { createFetch } from "../app.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): { addr: { port: number } };
};

const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, createFetch(ResponseThen));
console.log(`port ${addr.port}`);
