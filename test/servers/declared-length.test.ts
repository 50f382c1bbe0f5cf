// A declared content-length that was reached is completed, also when the client closes before
// the source says its end, as every client may. It was told as canceled in the middle of the body.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { starts, Visit } from "./outcomes/hosts.ts";

describe.each(starts)("%s", (name, start) => {
  let running: Running;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.close());

  const ways = [
    ["alone", "told"],
    ["wrapped", "told"],
    ["told", "told"],
    ["hono", "told"],
    ["logged", "line"],
  ] as const;

  test.concurrent.for(ways)(
    "%s: all of the length has gone out, and the client closes",
    async ([way, what], context) => {
      const visit = new Visit(running);
      const { headers, readAtLeast, message, socket } = await visit.send(`/${way}/length-reached`);
      message.on("error", () => {});
      await readAtLeast(5_000);
      socket.destroy();
      // Where the runtime sends no length nobody has declared one to the client.
      if (headers["content-length"] === undefined) return context.skip("it is sent in chunks");
      expect(await visit.told(what)).toMatchObject({ type: "completed", bytes: 5_000 });
    },
  );

  // On Workers only `withResponseThen` sees for certain that a client has left.
  const certain = name === "workerd" ? ways.slice(1, 3) : ways;
  test.concurrent.for(certain)("%s: not all of it has, and the client leaves: canceled", async ([way, what]) => {
    const visit = new Visit(running);
    const { readAtLeast, message, socket } = await visit.send(`/${way}/length-not-reached`);
    message.on("error", () => {});
    await readAtLeast(3_000);
    socket.resetAndDestroy();
    expect(await visit.told(what)).toMatchObject({ type: "canceled", bytes: 3_000 });
  });
});
