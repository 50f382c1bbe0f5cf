import { touching } from "./touching.ts";

touching("bun");
