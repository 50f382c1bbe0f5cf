import * as adapter from "../../../adapters/bun.ts";
import { createFetch } from "../app.ts";

declare const Bun: { serve(options: object): { port: number } };

const error = () => new Response("failed", { status: 500 });
const options = { error, port: 0, hostname: "127.0.0.1", idleTimeout: 60 };
const { port } = Bun.serve({ ...options, fetch: createFetch(adapter) });
console.log(`port ${port}`);
