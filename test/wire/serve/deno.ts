import process from "node:process";
import { createFetch, type Handler } from "../app.ts";

declare const Deno: { serve(options: object, handler: Handler): { addr: { port: number } } };

const ours =
  process.argv[2] === "ours"
    ? (await import("../ours.ts")).oursOf(await import("../../../adapters/deno.ts"))
    : undefined;
const { addr } = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, createFetch(ours));
console.log(`port ${addr.port}`);
