import "../app/uncollected.ts";
import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";
import { createFetch } from "../app/app.ts";

declare const Bun: { serve(options: object): { port: number } };

const { port } = Bun.serve({ fetch: createFetch(ResponseThen, withResponseThen), port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
