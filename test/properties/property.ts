import { setImmediate as immediate, setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect } from "vitest";

/** With PROPERTY_RUNS=10 each property is tried ten times as often; with PROPERTY_SEED a failure is seen again. */
const factor = Number(process.env.PROPERTY_RUNS ?? 1);

const unhandled: unknown[] = [];
const collect = (reason: unknown) => unhandled.push(reason);

/** Puts every rejection that nobody handles down to the case in which it happens. */
export function watchRejections(): void {
  beforeAll(() => void process.on("unhandledRejection", collect));
  afterAll(() => void process.off("unhandledRejection", collect));
}

/** How often a property is tried, and how many models of it live at the same time, at most. */
interface Tries {
  readonly runs: number;
  readonly together: number;
}

/**
 * Tries a property with generated models; several live at the same time, so that they get into each other's way. What
 * fails is shrunk, and told with its seed and its model.
 *
 * @param after What holds after all of them.
 */
export async function holds<Model>(
  model: fc.Arbitrary<Model>,
  { runs, together }: Tries,
  live: (model: Model) => Promise<void>,
  after: () => Promise<void> = async () => {},
): Promise<void> {
  const property = fc.asyncProperty(fc.array(model, { minLength: 1, maxLength: together }), async (models) => {
    unhandled.length = 0;
    await Promise.all(models.map((model) => named(model, live)));
    await after();
    await immediate();
    expect(unhandled, "unhandled rejections").toEqual([]);
  });
  const seed = Number(process.env.PROPERTY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  // After a minute shrinking ends with what it has.
  await fc.assert(property, { numRuns: Math.ceil(runs * factor), seed, interruptAfterTimeLimit: 60_000 * factor });
}

/** What fails tells which of the models it was. */
async function named<Model>(model: Model, live: (model: Model) => Promise<void>): Promise<void> {
  try {
    await live(model);
  } catch (error) {
    const { message } = error as Error;
    throw Object.assign(error as Error, { message: `${message}\n\nThe model that failed: ${fc.stringify(model)}\n` });
  }
}

/** Waits for some macrotasks: more than a dispatch takes. */
export async function turns(count = 2): Promise<void> {
  for (let i = 0; i < count; i++) {
    await pause(0);
    await immediate();
  }
}

/** Waits for what has to come; fails with the name of what hangs. */
export async function comes<T>(what: string, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = pause(5_000, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error(`${what} hangs`)),
    () => undefined as never,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
