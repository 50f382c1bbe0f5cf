import { touching } from "./touching.ts";

touching("deno");
