import type { Outcome } from "response-then/hono";

/** A callback that prints in one line how a response ended. */
export function print(path: string): (outcome: Outcome) => void {
  return (outcome) => {
    const { type, response, bytes, duration, observed } = outcome;
    const columns = [type.padEnd(9), response.status, path.padEnd(9), `${bytes} bytes`.padStart(10)];
    let text = `${columns.join("  ")}  ${duration.toFixed(0).padStart(5)} ms  ${observed}`;
    if (outcome.type === "canceled") text += ` (${outcome.reason.message})`;
    if (outcome.type === "errored") text += ` (${(outcome.error as Error).message})`;
    console.log(text);
  };
}
