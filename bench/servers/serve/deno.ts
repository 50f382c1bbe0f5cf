import { ResponseThen, withResponseThen } from "../../../dist/adapters/deno.js";
import { announce } from "./announce.ts";
import { createFetch } from "./app.ts";

type Serve = (options: object, handler: ReturnType<typeof createFetch>) => { addr: { port: number } };
declare const Deno: { serve: Serve };

const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
const { addr } = Deno.serve(options, createFetch(ResponseThen, withResponseThen));
announce(addr.port);
