import { ResponseThen, withResponseThen } from "../../../../adapters/bun.ts";
import { createFetch } from "../app.ts";
import { fileRoutes } from "../files.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(ResponseThen, withResponseThen, fileRoutes);
console.log(`port ${Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" }).port}`);
