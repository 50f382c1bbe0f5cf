import { os } from "@orpc/server";
import { produce, TEXT } from "../harness/answers.ts";

const get = os.$context().route({ method: "GET" });

const produced = (name) => get.handler(({ context, signal }) => produce(name, context.id, signal));

export const router = {
  hello: get.handler(() => "Hello"),
  text: get.handler(() => TEXT),
  pieces: produced("pieces"),
  endless: produced("endless"),
  idle: produced("idle"),
  fails: produced("fails"),
};
