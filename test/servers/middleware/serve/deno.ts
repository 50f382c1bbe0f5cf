import { withResponseThen } from "../../../../adapters/deno.ts";
import { createFetch } from "../app.ts";

declare const Deno: {
  serve(options: object, handler: ReturnType<typeof createFetch>): { addr: { port: number } };
};

interface Info {
  readonly remoteAddr: { readonly hostname: string };
}

const fetch = createFetch(withResponseThen, (_request, info) => (info as Info | undefined)?.remoteAddr.hostname);
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch);
console.log(`port ${addr.port}`);
