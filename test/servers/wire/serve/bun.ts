import { createFetch } from "../fetch.ts";
import { isOurs } from "../is-ours.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(isOurs ? await import("../../../../adapters/bun.ts") : undefined);
const { port } = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
