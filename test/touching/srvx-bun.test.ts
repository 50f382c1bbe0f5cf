import { touching } from "./touching.ts";

touching("srvx-bun");
