// Without enable_request_signal, bodies whose size is known keep their content-length in a wrapped handler. FormData went
// out in chunks, and after an await Blob did too.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

const FIXED = ["string", "string-of-300-kB", "bytes", "params", "blob", "blob-of-300-kB", "form"];
const NATIVE = ["fixed", "fetched", "from-plain"];

const cases = [
  ...[...FIXED, "fixed", "from-plain"].map((name) => ["at-once", name]),
  ...[...FIXED, ...NATIVE].map((name) => ["later", name]),
] as [string, string][];

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  // `enable_request_signal` is on by default for some dates: without it is what most Workers have.
  describe.each([["no flags at all", []] as const, ["disable_request_signal", ["disable_request_signal"]] as const])(
    "%s",
    (_flags, flags) => {
      let worker: Running;
      let upstream: Server;
      let ids = 0;

      beforeAll(async () => {
        upstream = createServer({ keepAliveTimeout: 0 }, (_request, response) => {
          response.writeHead(200, { "content-length": 5 }).end("bytes");
        });
        upstream.listen(0, "127.0.0.1");
        await once(upstream, "listening");
        const { port } = upstream.address() as { port: number };
        worker = await startWorker(new URL("./length-worker.ts", import.meta.url), {
          ...(binary !== undefined && { binary }),
          flags: [...flags],
          bindings: { UPSTREAM: `http://127.0.0.1:${port}/` },
        });
      });
      afterAll(async () => {
        await worker?.close();
        upstream?.closeAllConnections();
        upstream?.close();
      });

      const ask = async (path: string) => {
        const { headers, readAll } = await send(new URL(`http://127.0.0.1:${worker.port}${path}`));
        const { byteLength } = await readAll();
        return { length: headers["content-length"], byteLength };
      };

      test.for(cases)("%s: %s", async ([when, name]) => {
        const id = String(++ids);
        const plain = await ask(`/plain/${when}/${name}`);
        const ours = await ask(`/wrapped/${when}/${name}?id=${id}`);
        expect(plain.length, "the plain response's").toBe(String(plain.byteLength));
        expect.soft(ours.length).toBe(String(ours.byteLength));
        for (let i = 0; i < 100; i++) {
          const { readAll } = await send(new URL(`http://127.0.0.1:${worker.port}/told?id=${id}`));
          const told = JSON.parse(String(await readAll()));
          if (told.length > 0) return expect(told).toEqual([`completed ${ours.byteLength}`]);
          await pause(20);
        }
        expect.unreachable("nothing was told");
      });
    },
  );
});
