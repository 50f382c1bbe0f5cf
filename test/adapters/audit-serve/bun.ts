import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";
import { createFetch } from "../audit-app.ts";
import { fileRoutes } from "../audit-files.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(ResponseThen, withResponseThen, fileRoutes);
console.log(`port ${Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" }).port}`);
