// Serves the default export of a program on Node, without an adapter: `node serve.ts program.ts`.
import { serve } from "@hono/node-server";

const program = (await import(process.argv[2] ?? "")) as { default: { fetch(request: Request): Promise<Response> } };
serve({ fetch: program.default.fetch, port: 0 }, ({ port }) => console.log(`pid ${process.pid}\nport ${port}`));
