import { ResponseThen, withResponseThen } from "../../../dist/adapters/bun.js";
import { announce } from "../../servers/serve/announce.ts";
import { commonWays, createFetch } from "./app.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(commonWays(ResponseThen, withResponseThen));
announce(Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" }).port);
