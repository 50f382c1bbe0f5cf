import { serve } from "@hono/node-server";
import { drain } from "response-then";
import { announce, port } from "../announce.ts";
import { app } from "../app.ts";

const server = serve({ fetch: app.fetch, port }, () => announce("node"));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close();
    drain({ timeout: 2_000 }).then(({ pending }) => process.exit(pending === 0 ? 0 : 1));
  });
}
