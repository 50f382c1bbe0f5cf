// Stands before the other edge function (Netlify takes them by name), and when the url asks for it, reads or cancels its
// answer, and answers itself when the callbacks are over. The emulator ends a worker with the last byte of its answer, and
// what waitUntil was given with it.
import { drain } from "response-then/netlify";
import type { Context } from "../../answers.ts";

export default async function keep(request: Request, context: Context): Promise<Response | undefined> {
  const how = new URL(request.url).searchParams.get("keep");
  // The next function answers.
  if (how === null) return undefined;
  const seen = await context.next().then(
    (response) => end(response, how),
    (error) => `threw ${error}`,
  );
  const { pending } = await drain({ timeout: 10_000 });
  return Response.json({ seen, pending });
}

async function end(response: Response, how: string): Promise<string> {
  if (how === "cancel") {
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    return `${response.status}, canceled`;
  }
  try {
    return `${response.status}, ${(await response.arrayBuffer()).byteLength} bytes`;
  } catch (error) {
    return `${response.status}, failed with ${error}`;
  }
}

export const config = { path: "/edge/*" };
