import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { withResponseThen } from "response-then/node";
import { router } from "./router.js";

export const fetch = withResponseThen(
  (req) => fetchRequestHandler({ endpoint: "/trpc", req, router }),
  (outcome) => console.log(outcome.type, outcome.bytes),
);
