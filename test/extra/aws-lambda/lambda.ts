// A function that Amazon's own runtime client runs, in a process of its own.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { run } from "../../run.ts";
import { type RunningProcess, startProcess } from "../../servers/shutdown/process.ts";
import { type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const client = path("node_modules/aws-lambda-ric/");

/** Why the client cannot be here: it is built when it is installed, and is left out where that fails. */
export async function missing(): Promise<string | undefined> {
  if (existsSync(join(client, "rapid-client.node"))) return undefined;
  if (process.platform === "darwin") return "the client is not built on macOS";
  for (const tool of ["cmake", "make", "c++", "python3"]) {
    const { code } = await run(tool, ["--version"]);
    if (code !== 0) return `there is no ${tool}`;
  }
  return undefined;
}

export interface Lambda extends RuntimeApi {
  readonly process: RunningProcess;
}

/** @param handler The name of an export of `function.ts`. */
export async function startLambda(handler: string, env: Record<string, string> = {}): Promise<Lambda> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-lambda-"));
  // As the README.md of examples/aws-lambda says.
  await build({
    entryPoints: [path("function.ts")],
    outfile: join(folder, "index.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    tsconfig: path("../../tsconfig.json"),
  });
  const api = await startRuntimeApi();
  const running = startProcess([process.execPath, join(client, "index.mjs")], {
    AWS_LAMBDA_RUNTIME_API: api.address,
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: `index.${handler}`,
    AWS_LAMBDA_FUNCTION_NAME: "test",
    AWS_LAMBDA_FUNCTION_VERSION: "1",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_LOG_GROUP_NAME: "test",
    AWS_LAMBDA_LOG_STREAM_NAME: "test",
    ...env,
  });
  const ended = running.exit.then<never>(([code]) => {
    throw new Error(`the client ended with ${code}: ${running.complaints()}`);
  });
  // Who waits is told.
  ended.catch(() => {});
  return {
    ...api,
    give: (event, cutAfter) => Promise.race([api.give(event, cutAfter), ended]),
    asked: () => Promise.race([api.asked(), ended]),
    process: running,
    async close() {
      await running.close();
      api.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** An event of a function URL. */
export function eventOf(rawPath: string, method = "GET"): object {
  const http = { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString: "",
    headers: { host: "function.example" },
    isBase64Encoded: false,
    requestContext: { http, domainName: "function.example" },
  };
}
