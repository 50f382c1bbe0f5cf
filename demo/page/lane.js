// What both sides saw of one request: what became of it, a chart, and a list for each side.
import { BROWSER_ENDS, drawChart } from "./chart.js";
import { make } from "./make.js";
import { Side } from "./side.js";
import { gapInWords, inWords, milliseconds, outcomeFacts } from "./words.js";

/** How often what has not ended is drawn again, in ms. */
const EVERY = 250;

/** Who waits longer for an end is not told of one. */
const PATIENCE = 60_000;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Lane {
  #browser = new Side("Browser");
  /** The server's sides, by the number of the response. */
  #responses = new Map();
  #drawing;

  constructor(title) {
    this.title = title;
    this.element = make("article");
  }

  /** The browser saw something. */
  browser(fact) {
    this.#browser.add(fact);
    this.#draw();
  }

  /** The server saw something. */
  server({ response, ...fact }) {
    if (fact.what === "called") this.#responses.set(response, new Side(`Server: ${fact.request}`));
    this.#responses.get(response)?.add(fact);
    this.#draw();
  }

  get #start() {
    return Math.min(...[this.#browser, ...this.#responses.values()].flatMap(({ facts }) => facts.map(({ at }) => at)));
  }

  get #over() {
    const responses = [...this.#responses.values()];
    const browserOver = this.#browser.facts.length === 0 || this.#browser.find(...BROWSER_ENDS);
    return browserOver && responses.length > 0 && responses.every((side) => side.find("callback done"));
  }

  #draw() {
    const responses = [...this.#responses.values()];
    const ended = responses.map((side) => side.find("ended"));
    const browserEnd = this.#browser.find(...BROWSER_ENDS);
    const browser = this.#browser.facts.length > 0 ? [this.#browser] : [];
    const lists = [browser, responses].map((sides) => make("div", {}, ...sides.map((side) => list(side, this.#start))));
    this.element.replaceChildren(
      make("h3", { textContent: this.title }),
      ...ended.map((fact) => outcome(fact)),
      drawChart(this.#browser, responses, this.#over ? undefined : Date.now()),
      make("p", {
        className: "gap",
        textContent: ended.at(-1) && browserEnd ? gapInWords(ended.at(-1), browserEnd) : "",
      }),
      make("div", { className: "sides" }, ...lists.filter(({ children }) => children.length > 0)),
    );
    clearTimeout(this.#drawing);
    if (this.#over || calm.matches || Date.now() - this.#start > PATIENCE) return;
    this.#drawing = setTimeout(() => this.#draw(), EVERY);
  }
}

/** How a response ended; while it has not, there is as much room for it. */
function outcome(ended) {
  const facts = ended ? outcomeFacts(ended) : [["outcome", "not yet"]];
  const shown = facts.map(([name, value]) =>
    make("div", { className: name }, make("dt", { textContent: name }), make("dd", { textContent: value })),
  );
  return make("dl", { className: `facts ${ended?.type ?? ""}` }, ...shown);
}

function list(side, start) {
  const rows = side.facts.map((fact) =>
    make(
      "li",
      { className: fact.what === "ended" ? "step ended" : "step" },
      make("span", { className: "time", textContent: milliseconds(fact.at - start) }),
      make("span", { textContent: inWords(fact) }),
    ),
  );
  return make("section", {}, make("h4", { textContent: side.name }), make("ol", {}, ...rows));
}
