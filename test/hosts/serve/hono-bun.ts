import { createHonoFetch } from "../hono-app.ts";

declare const Bun: { serve(options: object): { port: number } };

const { port } = Bun.serve({ fetch: createHonoFetch(), port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
