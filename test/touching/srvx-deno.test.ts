import { touching } from "./touching.ts";

touching("srvx-deno");
