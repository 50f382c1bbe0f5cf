import { serve } from "@hono/node-server";
import { ResponseThen, withResponseThen } from "../../../dist/adapters/node.js";
import { announce } from "./announce.ts";
import { createFetch } from "./app.ts";

const options = { fetch: createFetch(ResponseThen, withResponseThen), port: 0, hostname: "127.0.0.1" };
serve(options, ({ port }) => announce(port));
