// Serves the page and its worker, and prints what the worker logs.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = await readFile(new URL("index.html", import.meta.url));
const bundle = await build({
  entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
  bundle: true,
  write: false,
});

const server = createServer(async (request, response) => {
  switch (`${request.method} ${request.url}`) {
    case "GET /":
      return response.writeHead(200, { "content-type": "text/html" }).end(page);
    case "GET /worker.js":
      return response.writeHead(200, { "content-type": "text/javascript" }).end(bundle.outputFiles[0]?.text);
    case "POST /log":
      console.log(await text(request));
      return response.writeHead(204).end();
    default:
      return response.writeHead(404).end();
  }
});
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}`);
});
