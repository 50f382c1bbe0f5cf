import { createHonoFetch } from "../hono-app.ts";

declare const Deno: {
  serve(options: object, handler: ReturnType<typeof createHonoFetch>): { addr: { port: number } };
};

const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, createHonoFetch());
console.log(`port ${addr.port}`);
