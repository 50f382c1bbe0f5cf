import type { Scenario } from "../scenario.ts";
import { clones } from "./clones.ts";
import { handlers } from "./handlers.ts";
import { hono } from "./hono.ts";
import { kept } from "./kept.ts";
import { parts, pool } from "./parts.ts";
import { longPolls } from "./polls.ts";

export const scenarios: readonly Scenario[] = [
  ...longPolls,
  ...kept,
  ...clones,
  ...parts,
  ...pool,
  ...handlers,
  ...hono,
];
