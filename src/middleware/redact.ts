import { expected } from "../exchange/index.ts";

/**
 * The parameters of a query whose values are not for a log: by their names, of which capitals, `-` and `_` do not count,
 * or by a function.
 */
export type Redact = readonly string[] | ((name: string) => boolean);

/** What a log must not keep: whoever reads it could act as the user. */
const SECRET =
  /(token|secret|password|passwd|pwd|apikey|accesskey|signature|credentials?)$|^(key|code|sig|auth|authorization|jwt|otp|pin|sid|session|sessionid)$/;

/** Checks what the application gave, and makes a function of it. */
export function toRedact(redact: Redact | undefined): (name: string) => boolean {
  if (redact === undefined) return (name) => words(name).some((word) => SECRET.test(word));
  if (typeof redact === "function") return redact;
  if (!Array.isArray(redact) || redact.some((name) => typeof name !== "string")) {
    throw expected("redact", "an array of names, or a function", redact);
  }
  const names = new Set(redact.flatMap(words));
  return (name) => words(name).some((word) => names.has(word));
}

/** Replaces the values of such parameters in a URL or a path. */
export function redactQuery(url: string, isSecret: (name: string) => boolean): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  return (
    url.slice(0, start + 1) +
    url.slice(start + 1).replace(/[^&;]+/g, (pair) => {
      // As a server decodes it.
      const [[name] = [""]] = [...new URLSearchParams(pair)];
      return pair.includes("=") && isSecret(name) ? `${pair.slice(0, pair.indexOf("="))}=[redacted]` : pair;
    })
  );
}

/** `user[api_key]` is a name of two words. */
function words(name: string): string[] {
  return name
    .toLowerCase()
    .replace(/[-_]/g, "")
    .split(/[[\].]+/);
}
