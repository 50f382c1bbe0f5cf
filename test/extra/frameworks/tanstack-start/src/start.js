import { createMiddleware, createStart } from "@tanstack/react-start";

const rewrapped = createMiddleware().server(async ({ request, next }) => {
  const result = await next();
  if (!new URL(request.url).searchParams.has("rewrap")) return result;
  const response = new Response(result.response.body, result.response);
  response.headers.set("x-rewrapped", "yes");
  return response;
});

export const startInstance = createStart(() => ({ requestMiddleware: [rewrapped] }));
