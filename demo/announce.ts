import process from "node:process";

/** Where the demo listens; another one by the environment variable PORT. */
export const port = Number(process.env.PORT ?? 3000);

/** Says where the server is and what to try. */
export function announce(runtime: string): void {
  const origin = `http://localhost:${port}`;
  console.log(`response-then on ${runtime}. Open ${origin} in a browser, or try in another terminal:

  curl ${origin}/plain                     a string
  curl ${origin}/stream                    a stream of 4 s
  curl --max-time 1 ${origin}/stream       the same, and the client leaves after 1 s
  curl ${origin}/fails                     a stream whose source fails
  curl ${origin}/redirect                  a redirect

One line per response that has ended:
`);
}
