import { READ_ON } from "../src/expected.ts";

/** What a call throws, as name and message; without where to read on, which `errors.test.ts` holds of every message. */
export function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replace(READ_ON, "")}`;
  }
  return "nothing";
}
