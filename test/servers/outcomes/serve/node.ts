import { serve } from "@hono/node-server";
import { ResponseThen, withResponseThen } from "../../../../adapters/node.ts";
import { createFetch } from "../app.ts";
import { fileRoutes } from "../files.ts";

const fetch = createFetch(ResponseThen, withResponseThen, fileRoutes);
serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
