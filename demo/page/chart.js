// Both sides of a request over one axis of time. The lists below it say the same in words.
import { make } from "./make.js";
import { milliseconds } from "./words.js";

export const BROWSER_ENDS = ["end", "aborted", "broke off"];

/** What the browser did, from when to when; what it read after the server's end is shown apart. */
function browserBars(browser, serverEnd, now) {
  const [asked, end] = [browser.at(["asked"]), browser.at(BROWSER_ENDS, now)];
  const head = browser.at(["head"], end);
  const apart = Math.min(Math.max(serverEnd, head), end);
  return [
    ["waits", asked, head],
    ["reads", head, apart],
    ["late", apart, end],
  ];
}

function serverBars(server, now) {
  const called = server.at(["called"]);
  const end = server.at(["ended"], now);
  const answered = server.at(["answered"], end);
  const started = server.at(["callback started"], now);
  return [
    ["waits", called, Math.min(answered, end)],
    ["body", answered, end],
    ["callback", started, server.at(["callback done"], now)],
  ];
}

/** A step of 1, 2 or 5 and zeros, so that there are at most six of them. */
function step(length) {
  const power = 10 ** Math.floor(Math.log10(length / 6));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => length / each <= 6);
}

/** @param now When what has not ended is drawn to. */
export function drawChart(browser, responses, now) {
  const all = [browser, ...responses].flatMap(({ facts }) => facts.map(({ at }) => at));
  const start = Math.min(...all);
  const length = Math.max(20, (now ?? Math.max(...all)) - start);
  const end = now ?? start + length;
  const place = (at) => `${(100 * (at - start)) / length}%`;
  const bar = ([kind, from, to]) => {
    const element = make("i", { className: `bar ${kind}` });
    element.style.left = place(from);
    element.style.width = `${(100 * (to - from)) / length}%`;
    return element;
  };
  const mark = (ended) => {
    const element = make("b", { className: "mark" });
    element.style.left = place(ended.at);
    return element;
  };
  const track = (name, bars, ended) => {
    const shown = bars.filter(([, from, to]) => to > from).map(bar);
    return make(
      "div",
      { className: "track" },
      make("span", { textContent: name }),
      make("div", {}, ...shown, ...(ended ? [mark(ended)] : [])),
    );
  };
  const serverEnd = responses.at(-1)?.at(["ended"], end) ?? end;
  const tracks = responses.map((server) => {
    const name = responses.length === 1 ? "Server" : server.find("called").request.split(" ")[1];
    return track(name, serverBars(server, end), server.find("ended"));
  });
  if (browser.facts.length > 0) {
    tracks.unshift(track("Browser", browserBars(browser, serverEnd, end), browser.find(...BROWSER_ENDS)));
  }
  const axis = make("div", { className: "axis" });
  // A label further right can stand out of a page that is 320 pixels wide.
  for (let at = 0; at < length * 0.8; at += step(length)) {
    const tick = make("span", { textContent: at < 1_000 ? milliseconds(at) : `${at / 1_000} s` });
    tick.style.left = place(start + at);
    axis.append(tick);
  }
  const chart = make("div", { className: "chart" }, ...tracks, axis);
  chart.setAttribute("aria-hidden", "true");
  return chart;
}
