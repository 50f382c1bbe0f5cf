import process from "node:process";

/** Shows how far something is: a bar on a terminal, elsewhere a line for every 5 %. On standard error. */
export class Progress {
  readonly #title: string;
  readonly #total: number;
  readonly #started: number = performance.now();
  #shown = -1;
  #first: number | undefined;

  constructor(title: string, total: number) {
    this.#title = title;
    this.#total = total;
  }

  /** `done` of `total` are done. */
  show(done: number): void {
    const terminal = process.stderr.isTTY === true;
    const step = Math.floor((done / this.#total) * (terminal ? 200 : 20));
    if (step === this.#shown) return;
    this.#shown = step;
    this.#first ??= done;
    const percent = Math.floor((done / this.#total) * 100);
    const seconds = (performance.now() - this.#started) / 1_000;
    const text = `${this.#title} ${done} of ${this.#total} (${percent} %), ${Math.round((done - this.#first) / seconds)} a second`;
    if (!terminal) return void process.stderr.write(`${text}\n`);
    const full = Math.round((done / this.#total) * 30);
    process.stderr.write(`\r[${"#".repeat(full)}${"-".repeat(30 - full)}] ${text}  `);
    if (done === this.#total) process.stderr.write("\n");
  }
}
