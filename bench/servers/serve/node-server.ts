// @hono/node-server, with its own Response, or told "native" with Node's.
import process from "node:process";
import { serve } from "@hono/node-server";
import * as adapter from "../../../dist/adapters/node.js";
import { handlerOf, told } from "./answers.ts";
import { announceWith } from "./control.ts";
import { memory } from "./memory.ts";

const [content = "", way = "", response] = process.argv.slice(2);
const options = {
  fetch: handlerOf(content, way, adapter),
  port: 0,
  hostname: "127.0.0.1",
  overrideGlobalObjects: response !== "native",
};
serve(options, ({ port }) => announceWith(port, { "/told": () => told, "/memory": memory }));
