import { ResponseThen, withResponseThen } from "../../../dist/adapters/bun.js";
import { announce } from "./announce.ts";
import { createFetch } from "./app.ts";

declare const Bun: { serve(options: object): { port: number } };

const { port } = Bun.serve({ fetch: createFetch(ResponseThen, withResponseThen), port: 0, hostname: "127.0.0.1" });
announce(port);
