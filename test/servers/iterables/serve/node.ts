import { serve } from "@hono/node-server";
import { withResponseThen } from "../../../../adapters/node.ts";
import { createFetch } from "../app.ts";

const fetch = createFetch(withResponseThen as never);
serve({ fetch: fetch as (request: Request) => Response, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`port ${port}`),
);
