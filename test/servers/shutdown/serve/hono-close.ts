// The same server, stopped by Node's own close().
import type { Server } from "node:http";
import process from "node:process";
import { serve } from "@hono/node-server";
import { withResponseThen } from "../../../../adapters/node.ts";
import { answer } from "../app.ts";
import { leave } from "../leave.ts";

const fetch = withResponseThen(answer);
const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`)) as Server;
process.once("SIGTERM", () => leave(() => new Promise((resolve) => server.close(resolve))));
