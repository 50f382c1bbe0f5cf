import { createFetch } from "../fetch.ts";
import { isOurs } from "../is-ours.ts";

declare const Deno: {
  serve(
    options: object,
    handler: (request: Request, info: unknown) => Response | Promise<Response>,
  ): {
    addr: { port: number };
  };
};

const fetch = createFetch(isOurs ? await import("../../../../adapters/deno.ts") : undefined);
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
console.log(`port ${addr.port}`);
