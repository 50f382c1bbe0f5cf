/** Builds the responses of a case: plain ones, or ours. */
export interface Maker {
  make(body: BodyInit | null, init?: ResponseInit): Response;
  from(response: Response): Response;
  json(data: unknown, init?: ResponseInit): Response;
  redirect(url: string): Response;
}

/** The platform's class; looked up late, because @hono/node-server replaces the global one. */
export const plain: Maker = {
  make: (body, init) => new Response(body, init),
  from: (response) => response,
  json: (data, init) => Response.json(data, init),
  redirect: (url) => Response.redirect(url),
};
