import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type App, buildApp } from "../../platforms/next/app.ts";
import type { RunningHost } from "../host.ts";
import { httpClient } from "../http-client.ts";

/** A Next app with one route handler, built for production and started as `next start` does. */
export async function onNext(): Promise<RunningHost> {
  const app = await buildRoutes();
  try {
    const server = await app.start();
    const port = Number(new URL(server.origin).port);
    return {
      client: httpClient(port),
      port,
      complaints: server.complaints,
      async close() {
        await server.close();
        app.remove();
      },
    };
  } catch (error) {
    app.remove();
    throw error;
  }
}

/** Of the request alone: what Next gives beside it is the route's. And never at build time. */
const ROUTE = `
import { answer } from "./answer.js";
export const dynamic = "force-dynamic";
export const GET = (request) => answer(request);
export const POST = GET;
`;

async function buildRoutes(): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-next-"));
  try {
    const route = join(folder, "app/[...path]");
    mkdirSync(route, { recursive: true });
    await build({
      entryPoints: [fileURLToPath(new URL("../serve/next.ts", import.meta.url))],
      outfile: join(route, "answer.js"),
      bundle: true,
      format: "esm",
      external: ["next/server.js"],
      tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
    });
    writeFileSync(join(route, "route.js"), ROUTE);
    return await buildApp([pathToFileURL(`${folder}/`)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
