// The handlers that the runtime client runs, one in each process: that of the tests with the stand-in, and what it lacks.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { type LambdaEvent, type LambdaHandler, ResponseThen, withResponseThen } from "response-then/aws-lambda";

export { handler } from "../../platforms/aws-lambda/function.ts";

/** Tells the test, in the order of the events. */
async function note(...event: unknown[]): Promise<void> {
  await fetch(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/notes`, { method: "POST", body: JSON.stringify(event) });
}

/** Its callback takes two seconds. */
export const late: LambdaHandler = withResponseThen(
  () =>
    new ResponseThen("Hello", async ({ type, observed }) => {
      await note("begins", type, observed);
      await pause(2_000);
      await note("ends");
    }),
);

let release = () => {};

/** A handler of the buffered kind: what it returns is the answer. Its callback waits for the next event. */
export async function buffered({ rawPath }: LambdaEvent): Promise<object> {
  if (rawPath === "/release") {
    release();
    return { statusCode: 204 };
  }
  const response = new ResponseThen("Hello", async ({ type, observed }) => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    await note("own", type, observed);
  });
  return { statusCode: response.status, body: await response.text() };
}
