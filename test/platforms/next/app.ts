import { cpSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createConsumer } from "../../consumer.ts";
import { root, run } from "../../run.ts";
import { type RunningProcess, startProcess } from "../../servers/shutdown/process.ts";

/** An app that is built for production, with the package as npm would publish it. */
export interface App {
  /** What the build printed. */
  readonly printed: string;
  /** Starts it, as `next start` does. */
  start(): Promise<RunningApp>;
  remove(): void;
}

export interface RunningApp extends RunningProcess {
  readonly origin: string;
}

const next = [process.execPath, join(root, "node_modules/next/dist/bin/next")];

/** @param folders What the app is made of. */
export async function buildApp(folders: readonly URL[]): Promise<App> {
  const { folder, write, remove } = await createConsumer(["next", "react", "react-dom"]);
  for (const each of folders) cpSync(fileURLToPath(each), folder, { recursive: true });
  // Its packages are links to those of the repository; forbidden() is an experiment.
  write("next.config.mjs", 'export default { turbopack: { root: "/" }, experimental: { authInterrupts: true } };');
  process.env.NEXT_TELEMETRY_DISABLED = "1";
  const [command = "", ...args] = next;
  const { code, stdout, stderr } = await run(command, [...args, "build", folder], folder);
  if (code !== 0) {
    remove();
    throw new Error(`next build: ${stdout}${stderr}`);
  }
  return {
    printed: stdout,
    async start() {
      const server = startProcess([...next, "start", folder, "--port", "0"], { NODE_ENV: "production" });
      const [, port] = await server.line(/http:\/\/localhost:(\d+)/);
      await server.line(/Ready in/);
      return Object.assign(server, { origin: `http://127.0.0.1:${port}` });
    },
    remove,
  };
}
