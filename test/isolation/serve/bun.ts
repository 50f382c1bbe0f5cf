import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";
import { createFetch, type Wrap } from "../app.ts";
import { honoWays } from "../hono-ways.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(ResponseThen, withResponseThen as Wrap, honoWays(ResponseThen));
const error = () => new Response("failed", { status: 500 });
const { port } = Bun.serve({ fetch, error, port: 0, hostname: "127.0.0.1", idleTimeout: 60 });
console.log(`port ${port}`);
