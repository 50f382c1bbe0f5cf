import { PIECES, TEXT } from "../harness/answers.ts";
import { nodeServer } from "../harness/framework.ts";
import { testFramework } from "../harness/test-framework.ts";

/** Events as oRPC writes them. */
const events = [
  ": \n\n",
  ...PIECES.map((piece) => `event: message\ndata: ${JSON.stringify({ json: piece })}\n\n`),
  "event: done\ndata: {}\n\n",
];

testFramework({
  name: "oRPC",
  folder: import.meta.dirname,
  package: "@orpc/server",
  start: nodeServer("server.js"),
  sample: { "On `@hono/node-server`, `serve({ fetch })`": "sample.js" },
  sampled: { path: "/rpc/hello", body: '{"json":"Hello"}', prints: "completed 16" },
  bodies: { text: JSON.stringify({ json: TEXT }), pieces: events.join("") },
  gaps: { error: "oRPC sends the error of a procedure as an event, or as JSON, and the response completes" },
});
