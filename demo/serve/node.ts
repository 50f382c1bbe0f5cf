import { serve } from "@hono/node-server";
import { drain } from "response-then";
import { announce, port } from "../announce.ts";
import { createApp } from "../app.ts";
import { closeEvents } from "../events.ts";
import { readFiles } from "../files.ts";

const { fetch } = createApp("Node", readFiles());
const server = serve({ fetch, port }, () => announce("node"));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close();
    closeEvents();
    drain({ timeout: 2_000 }).then(({ pending }) => process.exit(pending === 0 ? 0 : 1));
  });
}
