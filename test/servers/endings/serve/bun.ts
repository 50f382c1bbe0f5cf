import { withResponseThen } from "../../../../adapters/bun.ts";
import { alone, createFetch, wrappedWays } from "../app.ts";

declare const Bun: { serve(options: object): { port: number } };

const { port } = Bun.serve({
  routes: { "/routes/*": withResponseThen(alone) },
  fetch: createFetch({ alone, ...wrappedWays(withResponseThen) }),
  port: 0,
  hostname: "127.0.0.1",
});
console.log(`port ${port}`);
