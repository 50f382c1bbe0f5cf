import "./uncollected.js";
import { setTimeout as pause } from "node:timers/promises";
import { cookies } from "next/headers";
import { forbidden, notFound, permanentRedirect, redirect } from "next/navigation";
import { ResponseThen as CoreResponseThen } from "response-then";
import { ResponseThen } from "response-then/next";
import { note, record } from "./notes.js";

/** Pieces of 1,000 bytes, and then an end, a failure, or silence. */
function source(id, pieces, then) {
  let pulls = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(5);
        if (pulls++ < pieces) return controller.enqueue(new Uint8Array(1_000));
        if (then === "fails") throw new Error("source failed");
        if (then === "stalls") return new Promise(() => {});
        controller.close();
      },
      cancel: () => note(id, "source canceled"),
    },
    { highWaterMark: 0 },
  );
}

/** Notes that the handler waits, and fulfils when its client has left. */
function leaving({ signal }, id) {
  note(id, "waits");
  return new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** The route handler of every way. */
export async function answer(request, { params }) {
  const { name } = await params;
  const id = request.nextUrl.searchParams.get("id");
  const own = record(id, "own");
  switch (name) {
    case "string":
      return new ResponseThen("Hello", own);
    case "plain":
      return new Response("Hello");
    case "stream":
      return new ResponseThen(source(id, 5, "ends"), own);
    case "flowing":
      return new ResponseThen(source(id, Number.POSITIVE_INFINITY, "ends"), own);
    case "idle":
      return new ResponseThen(source(id, 2, "stalls"), own);
    case "left": {
      const response = new ResponseThen(source(id, 5, "ends"), own);
      await leaving(request, id);
      return response;
    }
    case "left-before":
      await leaving(request, id);
      return new ResponseThen(source(id, 5, "ends"), own);
    case "left-core":
      await leaving(request, id);
      return new CoreResponseThen(source(id, 5, "ends"), own);
    case "left-rewrapped": {
      await leaving(request, id);
      const response = new ResponseThen(source(id, 5, "ends"), own);
      return new Response(response.body, response);
    }
    case "left-plain":
      await leaving(request, id);
      return new Response("Hello");
    case "fails":
      return new ResponseThen(source(id, 2, "fails"), own);
    case "nothing":
      return new ResponseThen(null, own, { status: 204 });
    case "dropped":
      void new ResponseThen(null, own);
      return new Response("another");
    case "redirect":
      (await cookies()).set("seen", "yes");
      return redirect("/elsewhere?a=1;b=2");
    case "permanent":
      return permanentRedirect("https://example.com/");
    case "drops-and-redirects":
      void new ResponseThen(null, own);
      return redirect("/elsewhere");
    case "not-found":
      return notFound();
    case "forbidden":
      return forbidden();
    case "throws":
      throw new Error("no answer");
    case "builds-and-throws":
      void new ResponseThen("Hello", own);
      throw new Error("no answer");
    case "slow":
      return new ResponseThen("Hello", async () => {
        await pause(1_000);
        console.log(`the callback of ${id} has settled`);
      });
    default:
      throw new Error("no such answer");
  }
}
