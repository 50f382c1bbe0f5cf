/** One thing that the server saw of a response. */
export interface Fact {
  /** Whose request it was: the id that the page gave it, or one that was made for it. */
  readonly id: string;
  /** Which response; a redirect makes two of one press of a button. */
  readonly response: number;
  /** In ms since the epoch. */
  readonly at: number;
  readonly what:
    | "called"
    | "answered"
    | "first pull"
    | "pieces"
    | "source ended"
    | "source failed"
    | "source canceled"
    | "first byte handed over"
    | "ended"
    | "callback started"
    | "callback done";
  /** What is to be said of it. */
  readonly [detail: string]: string | number | boolean | undefined;
}

/** How many facts are kept for pages that fall behind. */
const KEPT = 1_000;

const facts: Fact[] = [];
/** How many there have ever been. */
let count = 0;

/** What the server saw, in the order in which it came to know it. Every page reads it at its own pace. */
export const timeline = {
  /** The number of the next fact. */
  get end(): number {
    return count;
  },

  add(fact: Fact): void {
    facts.push(fact);
    count++;
    if (facts.length > KEPT) facts.shift();
  },

  /** The facts from number `start` on, as far as they are kept. */
  since(start: number): Fact[] {
    const missed = count - start;
    return missed > 0 ? facts.slice(-missed) : [];
  },
};
