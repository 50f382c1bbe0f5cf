// npm start [-- node|workerd|bun|deno]
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const runtimes: Record<string, () => void | Promise<void>> = {
  node: () => run(process.execPath, []),
  bun: () => run("npx", ["--no-install", "bun"]),
  deno: () => run("npx", ["--no-install", "deno", "run", "--no-check", "-A"]),
  workerd: () => runInWorkerd(),
};

const runtime = process.argv[2] ?? "node";
const start = runtimes[runtime];
if (start === undefined) {
  console.error(`npm start: unknown runtime "${runtime}"; expected one of ${Object.keys(runtimes).join(", ")}`);
  process.exit(1);
}
await start();

function path(name: string): string {
  return fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
}

function run(command: string, args: string[]): void {
  const child = spawn(command, [...args, path(runtime)], { stdio: "inherit" });
  child.once("exit", (code) => process.exit(code ?? 0));
  // Ctrl-C reaches the whole group of processes; the server ends by itself, and then so does this one.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (signal === "SIGTERM") child.kill(signal);
    });
  }
}

async function runInWorkerd(): Promise<void> {
  const { build } = await import("esbuild");
  const { Miniflare } = await import("miniflare");
  const { announce, port } = await import("./announce.ts");
  const { readFiles } = await import("./files.ts");
  const bundle = await build({
    entryPoints: [path("workerd")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["cloudflare:workers"],
    define: { FILES: JSON.stringify(readFiles()) },
  });
  const miniflare = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["enable_request_signal"],
    // A socket of the Worker's own: miniflare's entry worker would hide from it that a client leaves.
    unsafeDirectSockets: [{ host: "localhost", port }],
    handleStructuredLogs: ({ message }: { message: string }) => console.log(message),
  });
  await miniflare.ready;
  announce("workerd");
}
