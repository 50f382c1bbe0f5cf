import process from "node:process";
import * as adapter from "../../../dist/adapters/bun.js";
import { handlerOf, told } from "./answers.ts";
import { announceWith } from "./control.ts";
import { memory } from "./memory.ts";

declare const Bun: { serve(options: object): { port: number } };

const [content = "", way = ""] = process.argv.slice(2);
const fetch = handlerOf(content, way, adapter);
// Responses that are held open are idle, and Bun would close them after 10 s.
const { port } = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1", idleTimeout: 255 });
announceWith(port, { "/told": () => told, "/memory": memory });
