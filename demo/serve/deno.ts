import { announce, port } from "../announce.ts";
import { createApp } from "../app.ts";
import { readFiles } from "../files.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): void;
};

const { fetch } = createApp("Deno", readFiles());
Deno.serve({ port, onListen: () => announce("deno") }, (request) => fetch(request));
