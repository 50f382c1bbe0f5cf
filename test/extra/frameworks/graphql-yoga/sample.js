import { serve } from "@hono/node-server";
import { withResponseThen } from "response-then/node";
import { yoga } from "./yoga.js";

const fetch = withResponseThen(
  (request, env) => yoga.fetch(request, env),
  (outcome) => console.log(outcome.type, outcome.bytes),
);
serve({ fetch, port: 4000 });
