import { initTRPC } from "@trpc/server";
import { produce, TEXT } from "../harness/answers.ts";

const t = initTRPC.context().create();

const produced = (name) => t.procedure.subscription(({ ctx, signal }) => produce(name, ctx.id, signal));

export const router = t.router({
  hello: t.procedure.query(() => "Hello"),
  text: t.procedure.query(() => TEXT),
  pieces: produced("pieces"),
  endless: produced("endless"),
  idle: produced("idle"),
  fails: produced("fails"),
});
