// The package that Vercel's Edge Functions run on, by its own server, with the request's context as Vercel sets it up.
import { AsyncLocalStorage } from "node:async_hooks";
import { fileURLToPath } from "node:url";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";
import { invoke, requestContext, symbol } from "../../platforms/vercel/invocation.ts";

// Its server handles nothing of what handlers throw and sources fail with, and the process would end.
for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (error) => console.error(event, error?.message ?? error));
}

const { outputFiles } = await build({
  stdin: {
    contents: `
      import "./app/uncollected.ts";
      import { ResponseThen, withResponseThen } from "response-then/vercel";
      import { createFetch } from "./app/app.ts";
      import { noteWaited } from "./app/waiting.ts";
      const fetch = createFetch(ResponseThen, withResponseThen);
      addEventListener("fetch", (event) => {
        const { request } = event;
        event.respondWith(invoke(() => fetch(request), () => noteWaited(request.url)));
      });
    `,
    resolveDir: fileURLToPath(new URL("..", import.meta.url)),
  },
  bundle: true,
  write: false,
  tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
});
const runtime = new EdgeRuntime({
  initialCode: outputFiles[0]?.text as string,
  // AsyncLocalStorage is a global of Vercel's, and not of the package.
  extend: (context) => Object.assign(context, { AsyncLocalStorage, invoke, [symbol]: requestContext }),
});
const { url } = await runServer({ runtime, host: "127.0.0.1", port: 0 });
console.log(`port ${new URL(url).port}`);
