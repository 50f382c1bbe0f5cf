import process from "node:process";
import * as adapter from "../../../dist/adapters/deno.js";
import { type Handler, handlerOf, told } from "./answers.ts";
import { announceWith } from "./control.ts";
import { memory } from "./memory.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const [content = "", way = ""] = process.argv.slice(2);
const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
const { addr } = Deno.serve(options, handlerOf(content, way, adapter));
announceWith(addr.port, { "/told": () => told, "/memory": memory });
