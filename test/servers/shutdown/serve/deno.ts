import { withResponseThen } from "../../../../adapters/deno.ts";
import { answer } from "../app.ts";
import { leave } from "../leave.ts";

declare const Deno: {
  serve(options: object, handler: typeof answer): { addr: { port: number }; shutdown(): Promise<void> };
  addSignalListener(signal: "SIGTERM", listener: () => void): void;
};

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, withResponseThen(answer) as typeof answer);
Deno.addSignalListener("SIGTERM", () => leave(() => server.shutdown()));
console.log(`port ${server.addr.port}`);
