import { ResponseThen, withResponseThen } from "../../../dist/adapters/deno.js";
import { announce } from "../../servers/serve/announce.ts";
import { commonWays, createFetch, type Way } from "./app.ts";

declare const Deno: { serve(options: object, handler: Way): { addr: { port: number } } };

const fetch = createFetch(commonWays(ResponseThen, withResponseThen));
announce(Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetch).addr.port);
