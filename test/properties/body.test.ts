// Any body, read in any way.
import { expect, test } from "vitest";
import { Life } from "./life.ts";
import { lifeModel } from "./life-model.ts";
import { holds, turns, watchRejections } from "./property.ts";
import { assertCallbacks, assertContent, assertFacts, assertSource, assertType } from "./sentences.ts";

watchRejections();

test("a response ends once, as its reader and its source did, and lets go of the source", {
  timeout: 120_000,
}, async () => {
  await holds(lifeModel, { runs: 350, together: 8 }, async (model) => {
    const life = new Life(model);
    await life.live();
    assertCallbacks(life);
    for (const watched of life.decided) {
      const { response, consumes } = watched;
      const outcome = await response.finished;
      assertFacts(life, outcome, watched === life.watched.at(-1));
      assertType(life, outcome, consumes);
    }
    assertContent(life);
    assertSource(life);
    for (const { response, tell } of life.watched) response.onFinished(tell(4));
    await turns(1);
    for (const { told } of life.watched) expect(told.length, "one more callback, once").toBe(4);
  });
});
