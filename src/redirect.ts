// Makes the head of a redirect, also to a relative URL, for which most runtimes have no base.

/**
 * As `Response.redirect`. If the runtime has no base for a relative URL, the URL goes out as it is, for the client to
 * resolve (RFC 9110, 10.2.2).
 *
 * @throws {TypeError | RangeError} for an invalid URL, and for a status that is no redirect.
 */
export function redirectTo(url: string | URL, status: number): Response {
  try {
    return Response.redirect(url, status);
  } catch (error) {
    if (!isRelative(url)) throw error;
  }
  // Throws for a wrong status. A service worker, which must not send a relative URL, has a base and is not here.
  Response.redirect(BASE, status);
  const location = url
    .trim()
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[^!-~]+/gu, encodeURIComponent);
  return new Response(null, { status, headers: { location } });
}

const BASE = "http://localhost/";

function isRelative(url: string | URL): url is string {
  return typeof url === "string" && !URL.canParse(url) && URL.canParse(url, BASE);
}
