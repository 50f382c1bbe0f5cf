import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";

/** A server of the endings. */
export interface Server {
  readonly name: string;
  /** What it is, on whichever runtime. */
  readonly family: "hono" | "srvx" | "express" | "fastify" | "bun" | "deno";
  readonly runtime: "node" | "bun" | "deno";
  /** The ways in which it answers: the class `alone`, and those of the adapter. */
  readonly ways: readonly string[];
  /** The ways on which the adapter was given a callback. */
  readonly told: readonly string[];
  readonly protocol: "http1" | "http2";
  start(): Promise<Running>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);

type Options = Partial<Server> & { file?: string; version?: string };

function onNode(name: string, family: Server["family"], options: Options = {}): Server {
  const { file = family, version = "node-24", ...rest } = options;
  const start = async () => {
    const path = version === "node-20" ? await bundle(script(file)) : fileURLToPath(script(file));
    return startServer(name, nodes[version] as string, ["--expose-gc", path]);
  };
  return {
    name,
    family,
    runtime: "node",
    ways: ["alone", "wrapped"],
    told: ["told"],
    protocol: "http1",
    start,
    ...rest,
  };
}

function onBun(name: string, family: Server["family"], ways: Pick<Server, "ways" | "told">): Server {
  const start = () => startServer(name, "npx", ["--no-install", "bun", fileURLToPath(script(family))]);
  return { name, family, runtime: "bun", protocol: "http1", start, ...ways };
}

function onDeno(name: string, family: Server["family"], ways: Pick<Server, "ways" | "told">): Server {
  const flags = ["-A", "--no-check", "--v8-flags=--expose-gc"];
  const start = () =>
    startServer(name, "npx", ["--no-install", "deno", "run", ...flags, fileURLToPath(script(family))]);
  return { name, family, runtime: "deno", protocol: "http1", start, ...ways };
}

const asMiddleware = { ways: ["alone", "wrapped", "middleware"], told: ["told", "middleware-told"] };
const byHandOver = { ways: ["alone", "handed"], told: [] };

/** Every server that is tested, by the names that the table has for them. */
export const servers: readonly Server[] = [
  onNode("Hono on Node 20", "hono", { version: "node-20" }),
  onNode("Hono on Node 24", "hono"),
  onNode("Hono on Node 26", "hono", { version: "node-26" }),
  onNode("Hono, native `Response`", "hono", { file: "hono-native" }),
  onNode("Hono on HTTP/2", "hono", { file: "http2", protocol: "http2" }),
  onNode("srvx on Node", "srvx", asMiddleware),
  onNode("Express 5", "express", byHandOver),
  onNode("Fastify 5", "fastify", byHandOver),
  onBun("`Bun.serve`", "bun", { ways: ["alone", "wrapped", "routes"], told: ["told"] }),
  onBun("srvx on Bun", "srvx", asMiddleware),
  onDeno("`Deno.serve`", "deno", { ways: ["alone", "wrapped"], told: ["told"] }),
  onDeno("srvx on Deno", "srvx", asMiddleware),
];
