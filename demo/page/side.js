/** What one side saw, in its order. */
export class Side {
  facts = [];

  constructor(name) {
    this.name = name;
  }

  /** Of the pieces only the latest are kept. */
  add(fact) {
    this.facts = this.facts.filter(({ what }) => what !== "pieces" || fact.what !== "pieces");
    this.facts.push(fact);
    // What is seen in the same millisecond stays as it came.
    this.facts.sort((a, b) => Math.floor(a.at) - Math.floor(b.at));
  }

  find(...words) {
    return this.facts.find(({ what }) => words.includes(what));
  }

  /** When it saw the first of these; without any, `otherwise`. */
  at(words, otherwise) {
    return this.find(...words)?.at ?? otherwise;
  }
}
