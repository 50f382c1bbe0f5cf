// A server on Node whose spans tell how long its answers really took. They are written to the console; for a collector
// take the OTLPTraceExporter of @opentelemetry/exporter-trace-otlp-http and a BatchSpanProcessor.
import type { Server } from "node:http";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { compose } from "response-then/middleware";
import { drain, ResponseThen, withResponseThen } from "response-then/node";
import { stopperOf } from "../node/stop.ts";
import { traced } from "./traced.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
trace.setGlobalTracerProvider(provider);
const tracer = trace.getTracer("example");

/** Twenty lines, one every 60 ms; every tenth is looked up, in a span of its own. */
const slowLines = () =>
  ResponseThen.stream(
    async (writer) => {
      for (let line = 1; line <= 20; line++) {
        await pause(60);
        if (line % 10 === 0) tracer.startSpan(`look up line ${line}`).end();
        await writer.write(`line ${line}\n`);
      }
    },
    () => tracer.startSpan("clean up").end(),
    { headers: { "content-type": "text/plain" } },
  );

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/stream") {
    trace.getActiveSpan()?.setAttribute("http.route", "/stream").updateName("GET /stream");
    return slowLines();
  }
  return new Response("Hello\n");
}

const options = { fetch: withResponseThen(compose(answer, traced(tracer))), port: Number(process.env.PORT ?? 3000) };
const server = serve(options, ({ port }) => console.log(`http://localhost:${port}`)) as Server;
const stop = stopperOf(server);

process.once("SIGTERM", async () => {
  // The spans end with the responses; what a processor still keeps goes out last.
  await Promise.race([stop(), pause(6_000)]);
  const { pending } = await drain({ timeout: 2_000 });
  await provider.shutdown();
  process.exit(pending === 0 ? 0 : 1);
});
