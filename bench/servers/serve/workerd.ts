// Runs the newest workerd: it is a child of this process, which does nothing else.
import process from "node:process";
import { newestWorkerd, startWorker } from "../../../test/hosts/workerd.ts";
import { announce } from "./announce.ts";

const [content = "", way = ""] = process.argv.slice(2);
const host = "127.0.0.1";
const { port, miniflare } = await startWorker(new URL("./worker.ts", import.meta.url), {
  binary: newestWorkerd,
  flags: ["enable_request_signal"],
  bindings: { CONTENT: content, WAY: way, UPSTREAM: process.env.UPSTREAM ?? "" },
  options: {
    unsafeDirectSockets: [
      { host, port: 0 },
      { host, port: 0, entrypoint: "control" },
    ],
  },
});
const { port: control } = await miniflare.unsafeGetDirectURL(undefined, "control");
announce(port, Number(control));
