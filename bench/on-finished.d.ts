// The little of on-finished that the benches use: it brings no types.
declare module "on-finished" {
  import type { ServerResponse } from "node:http";

  export default function onFinished(response: ServerResponse, listener: (error: Error | null) => void): void;
}
