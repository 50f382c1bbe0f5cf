import { announce, port } from "../announce.ts";
import { createApp } from "../app.ts";
import { readFiles } from "../files.ts";

declare const Bun: { serve(options: object): void };

const { fetch } = createApp("Bun", readFiles());
Bun.serve({ fetch, port });
announce("bun");
