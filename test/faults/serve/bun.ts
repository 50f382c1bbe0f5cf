import process from "node:process";
import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";
import { createFetch, type Wrap } from "../app.ts";
import { hostile } from "../hostile-routes.ts";
import { files, memory } from "../machine.ts";
import { routes } from "../routes.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(ResponseThen, withResponseThen as Wrap, { ...routes, ...hostile, ...files }, memory);
// Or it prints an error, and the program, to the client.
const development = false;
// Of seconds; 0 is no limit.
const idleTimeout = Math.ceil(Number(process.env.LIMIT ?? 0) / 1_000);
const { port } = Bun.serve({ fetch, development, idleTimeout, port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
