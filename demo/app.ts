// The demo: a small Hono app that returns ResponseThens of every kind, prints one line when each has ended, and shows
// all that it saw of them on a page.
import { Hono } from "hono";
import { ResponseThen, responseThen } from "response-then/hono";
import { events } from "./events.ts";
import type { Files } from "./files.ts";
import { pause } from "./pause.ts";
import { bytes, lines } from "./pieces.ts";
import { print } from "./print.ts";
import { Sighting } from "./sighting.ts";

const HTML = "text/html; charset=utf-8";
const types: Record<string, string> = { html: HTML, css: "text/css", js: "text/javascript" };

/** @param runtime What it runs on, for the page to say. */
export function createApp(runtime: string, files: Files): Hono<{ Variables: { seen: Sighting } }> {
  const app = new Hono<{ Variables: { seen: Sighting } }>();
  app.use(responseThen());

  app.get("/", () => new ResponseThen(files["index.html"], print("/"), { headers: { "content-type": HTML } }));
  app.get("/page/:name", (c) => {
    const name = c.req.param("name");
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    const type = types[name.split(".").at(-1) ?? ""] ?? "text/plain";
    return text === undefined ? c.notFound() : c.body(text, 200, { "content-type": type });
  });
  app.get("/events", () => events(runtime));

  // What is asked for below is seen on the page.
  app.use(async (c, next) => {
    const seen = new Sighting(c.req.method, c.req.path, c.req.query("id"));
    c.set("seen", seen);
    if (c.req.query("think") !== undefined) await pause(3_000);
    await next();
    seen.answered();
  });
  const then = (seen: Sighting) => [print(seen.path), seen.callback];

  app.get("/plain", ({ var: { seen } }) => new ResponseThen("Hello from response-then\n", then(seen)));
  app.get("/stream", ({ var: { seen } }) => new ResponseThen(seen.source(lines(20, 200)), then(seen)));
  app.get("/slow", ({ var: { seen } }) => new ResponseThen(seen.source(lines(5, 2_000)), then(seen)));
  app.get("/fails", ({ var: { seen } }) => new ResponseThen(seen.source(lines(20, 100, 5)), then(seen)));
  app.get("/download", ({ var: { seen } }) => {
    const headers = { "content-type": "application/octet-stream" };
    return new ResponseThen(seen.source(bytes(20_000_000)), then(seen), { headers });
  });
  app.get("/redirect", ({ req, var: { seen } }) => {
    return ResponseThen.redirect(new URL(`/arrived?id=${seen.id}`, req.url), then(seen), 303);
  });
  app.get("/arrived", ({ var: { seen } }) => {
    const text = "<!doctype html><title>Arrived</title><p>You were redirected here.\n";
    return new ResponseThen(text, then(seen), { headers: { "content-type": HTML } });
  });
  return app;
}
