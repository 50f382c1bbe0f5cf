import process from "node:process";
import { serve } from "srvx";
import * as adapter from "../../../dist/adapters/srvx.js";
import { handlerOf, told } from "./answers.ts";
import { announceWith } from "./control.ts";
import { memory } from "./memory.ts";

const [content = "", way = ""] = process.argv.slice(2);
const server = serve({ fetch: handlerOf(content, way, adapter), port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
announceWith(Number(new URL(server.url ?? "").port), { "/told": () => told, "/memory": memory });
