import { touching } from "./touching.ts";

touching("node-server");
