import { touching } from "./touching.ts";

touching("workerd-newest");
