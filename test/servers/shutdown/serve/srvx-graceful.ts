// The same server with srvx's own handler of SIGTERM, which comes before ours.
import process from "node:process";
import { serve } from "srvx";
import { withResponseThen } from "../../../../adapters/srvx.ts";
import { answer } from "../app.ts";
import { leave } from "../leave.ts";

const fetch = withResponseThen(answer);
const gracefulShutdown = { gracefulTimeout: 1 };
const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown });
process.once("SIGTERM", () => leave(() => server.close()));
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
