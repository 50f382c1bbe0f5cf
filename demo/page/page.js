// Joins the buttons, the requests that they make, and what the server tells of these.
import { ask } from "./ask.js";
import { Lane } from "./lane.js";
import { make } from "./make.js";
import { requests } from "./requests.js";
import { outcomeInWords } from "./words.js";

/** How many lanes are shown. */
const SHOWN = 40;

const [list, status, laneList] = ["requests", "status", "lanes"].map((id) => document.getElementById(id));
for (const code of document.querySelectorAll("p code")) {
  code.textContent = code.textContent.replace("http://localhost:3000", location.origin);
}

const checked = (id) => document.getElementById(id).checked;
const lanes = new Map();

function say(text) {
  status.textContent = text;
}

/** The lane of a request; a new one stands on top. */
function laneOf(id, title) {
  if (!lanes.has(id)) {
    const lane = new Lane(title);
    lanes.set(id, lane);
    laneList.prepend(lane.element);
    for (const [old, { element }] of [...lanes].slice(0, -SHOWN)) {
      element.remove();
      lanes.delete(old);
    }
  }
  return lanes.get(id);
}

const connected = new Promise((resolve) => {
  const events = new EventSource("/events");
  events.addEventListener("hello", ({ data }) => {
    document.getElementById("runtime").textContent = JSON.parse(data).runtime;
    if (events.lost) say("The server is back.");
    events.lost = false;
    resolve();
  });
  events.addEventListener("message", ({ data }) => {
    const { id, ...fact } = JSON.parse(data);
    // The press of a button that is shown no more is over; others are of another tab, or of another client.
    if (fact.what !== "called" && !lanes.has(id)) return;
    const lane = laneOf(id, `${fact.request}, from elsewhere`);
    lane.server(fact);
    if (fact.what === "ended") say(`${lane.title}: ${outcomeInWords(fact)}.`);
  });
  events.addEventListener("error", () => {
    events.lost = true;
    say("The server does not answer; trying again.");
  });
});

for (const request of requests) {
  const { key, name, about } = request;
  /** What is under way. */
  const running = new Set();
  const title = make("strong", { textContent: name, id: `name-${key}` });
  const more = make("small", { textContent: about, id: `about-${key}` });
  const start = make("button", { type: "button" }, title, more);
  start.setAttribute("aria-labelledby", title.id);
  start.setAttribute("aria-describedby", more.id);
  const abort = make("button", { type: "button", textContent: "Abort" });
  abort.setAttribute("aria-label", `Abort: ${name}`);
  // Not `disabled`: that would take the focus away from who has just pressed it.
  const allow = () => abort.setAttribute("aria-disabled", `${running.size === 0}`);
  allow();

  start.addEventListener("click", async () => {
    const controller = new AbortController();
    const slowly = checked("slowly");
    const path = request.path + (checked("think") ? "?think" : "");
    running.add(controller);
    allow();
    await connected;
    const id = crypto.randomUUID();
    const lane = laneOf(id, name);
    await ask({ ...request, path, slowly }, id, controller.signal, (fact) => lane.browser(fact));
    running.delete(controller);
    allow();
  });
  abort.addEventListener("click", () => {
    if (running.size === 0) say(`${name}: nothing to abort.`);
    for (const controller of running) controller.abort();
  });
  list.append(make("li", { className: "request" }, start, abort));
}
