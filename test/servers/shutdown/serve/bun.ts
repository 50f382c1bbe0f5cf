import process from "node:process";
import { withResponseThen } from "../../../../adapters/bun.ts";
import { answer } from "../app.ts";
import { leave } from "../leave.ts";

declare const Bun: { serve(options: object): { port: number; stop(): Promise<void> } };

const server = Bun.serve({ fetch: withResponseThen(answer), port: 0, hostname: "127.0.0.1" });
process.once("SIGTERM", () => leave(() => server.stop()));
console.log(`port ${server.port}`);
