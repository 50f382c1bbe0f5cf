import { ended, type Inside, pause, readerOf, refused, within } from "./inside.ts";

export const starlette: readonly Inside[] = [
  {
    text: "callbacks start in the order in which they were added, and none waits for the one before it",
    from: "Starlette BackgroundTasks, h3 onDispose",
    async run(Class) {
      const seen: string[] = [];
      const slow = (name: string, ms: number) => async () => {
        seen.push(`${name} starts`);
        await pause(ms);
        seen.push(`${name} ends`);
      };
      const response = new Class("text", [slow("one", 120), slow("two", 60)]).onFinished(slow("three", 0));
      await response.text();
      await ended(response);
      return seen;
    },
    expected: ["one starts", "two starts", "three starts", "three ends", "two ends", "one ends"],
  },
  {
    text: "an endless writer is refused when its reader has left, by the promise and by the signal",
    from: "Starlette ClientDisconnect",
    async run(Class) {
      const seen: unknown[] = [];
      let over = () => {};
      const ends = new Promise<void>((resolve) => {
        over = resolve;
      });
      const response = Class.stream(
        async (writer, signal) => {
          let refusal = "nothing";
          while (refusal === "nothing") refusal = await refused(writer.write("more "));
          seen.push(refusal, signal.aborted);
          over();
        },
        ({ type }) => seen.push(type),
      );
      const reader = readerOf(response);
      await reader.read();
      await reader.cancel(new Error("left"));
      await within("the writer's end", ends);
      await ended(response);
      return seen.sort();
    },
    expected: ["Error: left", true, "canceled"].sort(),
  },
];
