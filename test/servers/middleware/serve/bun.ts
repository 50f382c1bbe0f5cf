import { withResponseThen } from "../../../../adapters/bun.ts";
import { createFetch } from "../app.ts";

declare const Bun: { serve(options: object): Server };

interface Server {
  readonly port: number;
  requestIP(request: Request): { address: string } | null;
}

const fetch = createFetch(
  withResponseThen,
  (request, server) => (server as Server | undefined)?.requestIP(request)?.address,
);
const { port } = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
