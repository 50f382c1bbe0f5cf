// Decides which query parameters are secret, and replaces their values in a URL.
import { expected } from "../exchange/index.ts";

/**
 * The query parameters whose values must not be logged: their names, or a function that gets a name. In a list of
 * names, capitals, `-` and `_` do not count.
 */
export type Redact = readonly string[] | ((name: string) => boolean);

/** A log must not keep these values, because whoever reads it could act as the user. */
const SECRET =
  /(token|secret|password|passwd|pwd|apikey|accesskey|signature|credentials?)$|^(key|code|sig|auth|authorization|jwt|otp|pin|sid|session|sessionid)$/;

/** Checks the application's option, and makes a function of it. */
export function toRedact(redact: Redact | undefined): (name: string) => boolean {
  if (redact === undefined) return (name) => words(name).some((word) => SECRET.test(word));
  if (typeof redact === "function") return redact;
  if (!Array.isArray(redact) || redact.some((name) => typeof name !== "string")) {
    throw expected("redact", "an array of names, or a function", redact);
  }
  const names = new Set(redact.flatMap(words));
  return (name) => words(name).some((word) => names.has(word));
}

/** Replaces the values of secret parameters in a URL or a path. */
export function redactQuery(url: string, isSecret: (name: string) => boolean): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  return (
    url.slice(0, start + 1) +
    url.slice(start + 1).replace(/[^&;]+/g, (pair) => {
      // Decodes the name as a server does.
      const [[name] = [""]] = [...new URLSearchParams(pair)];
      return pair.includes("=") && isSecret(name) ? `${pair.slice(0, pair.indexOf("="))}=[redacted]` : pair;
    })
  );
}

/** Splits a name into words at brackets and dots: `user[api_key]` has two. */
function words(name: string): string[] {
  return name
    .toLowerCase()
    .replace(/[-_]/g, "")
    .split(/[[\].]+/);
}
