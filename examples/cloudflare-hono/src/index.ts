// A Hono app that exports rows as a stream. When it has ended, every response gets a line of log, and every export a
// receipt that says whether it was taken whole.
import { Hono } from "hono";
import { streamText } from "hono/streaming";
import { withResponseThen } from "response-then/cloudflare";
import { onFinished, responseThen } from "response-then/hono";

/** `npx wrangler types` writes this too, with Cloudflare's own types. */
interface Bindings {
  RECEIPTS: { put(key: string, value: string): Promise<void> };
}

const app = new Hono<{ Bindings: Bindings }>();

app.use(responseThen());

app.use(async (c, next) => {
  const { method, path } = c.req;
  onFinished(c, ({ type, response, bytes }) => {
    console.log(`${method} ${path} ${response.status} ${type}, ${bytes} bytes`);
  });
  await next();
});

app.get("/export/:rows{[0-9]+}", (c) => {
  const id = crypto.randomUUID();
  const rows = Number(c.req.param("rows"));
  onFinished(c, ({ type, bytes }) => c.env.RECEIPTS.put(id, JSON.stringify({ rows, type, bytes })));
  c.header("x-export-id", id);
  return streamText(c, async (stream) => {
    for (let row = 1; row <= rows && !stream.aborted; row++) {
      await stream.writeln(`row ${row}`);
      // Stands in for a slow database.
      await stream.sleep(200);
    }
  });
});

// Around the app too: it answers by the runtime's own streams, which every workerd tells when the client left.
export default withResponseThen(app);
