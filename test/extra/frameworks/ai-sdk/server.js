import { serve } from "@hono/node-server";
import {
  createTextStreamResponse,
  createUIMessageStreamResponse,
  streamText,
  toTextStream,
  toUIMessageStream,
} from "ai";
import { ResponseThen, withResponseThen } from "response-then/node";
import { tell } from "../harness/answers.ts";
import { goOn, model } from "./model.js";
import { fetch } from "./sample.js";

const text = (result, headers) =>
  createTextStreamResponse({ stream: toTextStream({ stream: result.stream }), headers });
const events = (result) => createUIMessageStreamResponse({ stream: toUIMessageStream({ stream: result.stream }) });

const routes = {
  "/answers"({ pathname, searchParams }) {
    const id = searchParams.get("id");
    const stop = new AbortController();
    const result = streamText({ model, prompt: `${pathname.split("/")[2]} ${id}`, abortSignal: stop.signal });
    const headers = searchParams.has("rewrap") ? { "x-rewrapped": "yes" } : {};
    return ResponseThen.from(text(result, headers), (outcome) => {
      tell(id, outcome);
      stop.abort();
    });
  },
  "/events"(_url, prompt, { signal }) {
    const result = streamText({ model, prompt, abortSignal: signal, onError() {} });
    return ResponseThen.from(events(result), ({ type }) => console.log(`${type}: ${prompt}`));
  },
  /** The trap: what stops the model when the client leaves. */
  "/stopped"(_url, prompt, { signal }) {
    const result = streamText({ model, prompt, abortSignal: signal });
    const callback = async ({ type, consumed }) => {
      const usage = await Promise.resolve(result.usage).catch(() => "no usage");
      console.log(`${type}: ${prompt}, ${JSON.stringify(consumed)}, ${usage}`);
    };
    return ResponseThen.from(result.toTextStreamResponse(), callback, { onCancel: "consume" });
  },
  /** What the SDK does by itself when the client leaves. */
  "/alone"(_url, prompt) {
    const response = streamText({ model, prompt }).toTextStreamResponse();
    return ResponseThen.from(response, ({ type }) => console.log(`${type}: ${prompt}`));
  },
  "/go-on"(_url, prompt) {
    goOn(prompt);
    return new Response();
  },
};

const others = withResponseThen((request) => {
  const url = new URL(request.url);
  return routes[`/${url.pathname.split("/")[1]}`](url, url.searchParams.get("prompt"), request);
});

serve({
  fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    request.signal.addEventListener("abort", () => console.log(`left: ${searchParams.get("prompt")}`));
    return ["/whole", "/captured"].includes(pathname) ? fetch(request, env) : others(request, env);
  },
  port: 3000,
});
