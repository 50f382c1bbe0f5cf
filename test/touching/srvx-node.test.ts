import { touching } from "./touching.ts";

touching("srvx-node");
