import { RPCHandler } from "@orpc/server/fetch";
import { withResponseThen } from "response-then/node";
import { router } from "./router.js";

const handler = new RPCHandler(router);

export const fetch = withResponseThen(
  async (request) =>
    (await handler.handle(request, { prefix: "/rpc" })).response ?? new Response(null, { status: 404 }),
  (outcome) => console.log(outcome.type, outcome.bytes),
);
