import { announce, port } from "../announce.ts";
import { app } from "../app.ts";

declare const Bun: { serve(options: object): void };

Bun.serve({ fetch: app.fetch, port });
announce("bun");
