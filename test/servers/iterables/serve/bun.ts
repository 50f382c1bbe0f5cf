import { withResponseThen } from "../../../../adapters/bun.ts";
import { createFetch } from "../app.ts";

declare const Bun: { serve(options: object): { port: number } };

const { port } = Bun.serve({
  fetch: createFetch(withResponseThen as never),
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 60,
});
console.log(`port ${port}`);
