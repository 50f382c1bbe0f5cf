import "../app/uncollected.ts";
import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";
import { createFetch } from "../app/app.ts";

declare const Bun: { serve(options: object): { port: number } };

const fetch = createFetch(ResponseThen, withResponseThen);
// What is wrapped goes by the routes, and all else by `fetch`, as `/wrapped-told/…` does.
const { port } = Bun.serve({ routes: { "/wrapped/*": fetch }, fetch, port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
