const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count with its noun. */
export function counted(count, noun) {
  return `${number.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function milliseconds(ms) {
  return `${number.format(ms)} ms`;
}

/** What the browser or the server saw, in a line of a list. */
export function inWords(fact) {
  switch (fact.what) {
    case "asked":
      return `asked: ${fact.request}`;
    case "head":
      return `got the head: ${fact.status}${fact.redirected ? `, redirected to ${fact.redirected}` : ""}`;
    case "first byte":
      return "got the first byte";
    case "pieces":
      return `${counted(fact.count, "piece")}, ${counted(fact.bytes, "byte")}`;
    case "end":
      return "got the end";
    case "aborted":
      return "aborted by you";
    case "broke off":
      return `it broke off: ${fact.error}`;
    case "called":
      return "handler called";
    case "answered":
      return "handler answered";
    case "first pull":
      return "first pull of the source";
    case "source ended":
      return "the source has ended";
    case "source failed":
      return `the source failed: ${fact.error}`;
    case "source canceled":
      return "the source was canceled";
    case "ended":
      return `ended: ${fact.type}, ${fact.observed}`;
    // "first byte handed over", "callback started", "callback done"
    default:
      return fact.what;
  }
}

/** An outcome, for who hears of it and does not see it. */
export function outcomeInWords({ type, observed, status, bytes, duration }) {
  return `${type}, ${observed}, ${status}, ${counted(bytes, "byte")}, ${milliseconds(duration)}`;
}

/** An outcome as names and values. */
export function outcomeFacts(ended) {
  const { type, observed, status, bytes, chunks, duration, phase, reason, error } = ended;
  return Object.entries({
    outcome: type,
    observed,
    status,
    bytes: number.format(bytes),
    chunks: number.format(chunks),
    duration: milliseconds(duration),
    phase,
    reason,
    error,
  }).filter(([, value]) => value !== undefined);
}

/** What lies between the end at the server and the end at the browser. */
export function gapInWords(ended, browser) {
  const ms = Math.round(browser.at - ended.at);
  const [later, earlier] = [milliseconds(Math.max(0, ms)), milliseconds(Math.max(0, -ms))];
  const moment = ended.observed === "handed-over" ? "handed over" : ended.observed;
  if (browser.what === "aborted") {
    if (ended.type !== "completed") return `The server knew ${earlier} later that you had left.`;
    if (ms < 0) return `The server did not see that you had left: ${moment} is not received.`;
    return `Too late: the server had ${moment} the end ${later} before you left. ${capital(moment)} is not received.`;
  }
  if (ended.type === "errored") {
    if (browser.what === "end") return "To the browser it looks whole: only the server knows that the source failed.";
    return `In the browser it broke off ${later} after the source had failed.`;
  }
  if (ms > 100) return `The browser had the end ${later} after the server: ${moment} is not received.`;
  if (ms > 0) return `The browser had the end ${later} after the server.`;
  if (ms < 0) return `The server knew of the end ${earlier} after the browser had it.`;
  return "Both had the end in the same millisecond.";
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
