import { PIECES, TEXT } from "../harness/answers.ts";
import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

/** Events as tRPC writes them. */
const events = ["event: connected\ndata: {}", ...PIECES.map((piece) => `data: "${piece}"`), "event: return\ndata: "];

testFramework({
  name: "tRPC",
  folder: import.meta.dirname,
  package: "@trpc/server",
  start: nodeServer("server.js"),
  sample: { "On `@hono/node-server`, `serve({ fetch })`": "sample.js" },
  sampled: { path: "/trpc/hello", body: '{"result":{"data":"Hello"}}', prints: "completed 27" },
  bodies: {
    text: JSON.stringify({ result: { data: TEXT } }),
    pieces: events.map((event) => `${event}\n\n\n`).join(""),
  },
  gaps: {
    error: "tRPC sends the error of a procedure as an event, or as JSON, and the response completes",
    head: "tRPC answers `HEAD` with 204 and runs no procedure; the response completes",
  },
});
