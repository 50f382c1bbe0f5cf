import { serve } from "srvx";
import { ResponseThen, withResponseThen } from "../../../adapters/srvx.ts";
import { createFetch } from "../app.ts";
import { hostile } from "../hostile-routes.ts";
import { files, memory } from "../machine.ts";
import { routes } from "../routes.ts";

const fetch = createFetch(ResponseThen, withResponseThen, { ...routes, ...hostile, ...files }, memory);
const error = () => new Response("failed", { status: 500 });
const server = serve({ fetch, error, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
