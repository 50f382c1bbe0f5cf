import { announce, port } from "../announce.ts";
import { app } from "../app.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response | Promise<Response>): void;
};

Deno.serve({ port, onListen: () => announce("deno") }, (request) => app.fetch(request));
