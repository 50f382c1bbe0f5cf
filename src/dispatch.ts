import { onBun, onDeno, onEdge, onWorkers } from "./runtime.ts";

let due: (() => void)[] | undefined;
let waiting: (() => void)[] = [];

// The real one, whatever a test puts in its place later: a batch whose timer never fires would hold up all after it.
const schedule = setTimeout;
// Node writes what it has for HTTP/2 in an immediate, which the timer may overtake.
const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => unknown };
const immediate = onBun || onDeno || onEdge ? undefined : setImmediate;

/**
 * Runs something a macrotask later: run in the final pull, and on some servers in a microtask or in `setImmediate`, a
 * callback that blocks would keep the last bytes from the client (decisions/002).
 */
export function dispatch(run: () => void): void {
  // A Worker's timer belongs to one request, and may not touch another's.
  if (onWorkers) return void setTimeout(run, 0);
  waiting.push(run);
  if (!due) arm();
}

/** One timer for many responses: on Deno one for each costs a third of a small request. */
function arm(): void {
  due = waiting;
  waiting = [];
  schedule(() => (immediate ? immediate(runDue) : runDue()), 0);
}

function runDue(): void {
  const runs = due as (() => void)[];
  due = undefined;
  // What came since this timer was set has not waited for a macrotask of its own.
  if (waiting.length > 0) arm();
  for (const run of runs) run();
}
