import "../app/uncollected.ts";
import { createServer } from "node:http2";
import { serve } from "@hono/node-server";
import { ResponseThen, withResponseThen } from "../../../adapters/node.ts";
import { createFetch } from "../app/app.ts";

const fetch = createFetch(ResponseThen, withResponseThen);
serve({ fetch, createServer, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
