// What the memory of the class alone is measured by: node-server, and one ResponseThen for each request.
import { serve } from "@hono/node-server";
import { ResponseThen } from "../../../src/index.ts";

const callback = () => {};
const fetch = () => new ResponseThen("hello, world!", callback);
serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => console.log(`port ${port}`));
