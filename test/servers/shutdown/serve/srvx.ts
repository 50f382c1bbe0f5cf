import type { Server } from "node:http";
import process from "node:process";
import { serve } from "srvx";
import { withResponseThen } from "../../../../adapters/srvx.ts";
import { stopperOf } from "../../../../examples/node/stop.ts";
import { answer } from "../app.ts";
import { leave } from "../leave.ts";

const fetch = withResponseThen(answer);
const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
const stop = stopperOf(server.node?.server as Server);
process.once("SIGTERM", () => leave(stop));
await server.ready();
console.log(`port ${new URL(server.url ?? "").port}`);
