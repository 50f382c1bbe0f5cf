import type { Browser, Locator, Page } from "playwright-core";

/** How long a page may take for anything; what is fast on an idle machine is not measured here. */
const PATIENCE = 15_000;

/** What an open page of the demo shows, and what can be done with it. */
export interface Visitor {
  readonly page: Page;
  /** What its scripts threw. */
  readonly errors: string[];
  press(name: string): Promise<void>;
  /**
   * Presses a button, and aborts its request when the browser has the first byte. All of it is done by the page: on a busy
   * machine a stream of 4 s was over before the test could press.
   */
  abortAtFirstByte(name: string): Promise<void>;
  /** What both sides saw of a request; the latest one with this title. */
  lane(title: string): Locator;
  /** Waits until a step was seen. */
  sees(title: string, step: string): Promise<void>;
  /** The outcomes of a lane, by the names of their values, when the last callback is done. */
  outcomes(title: string): Promise<Record<string, string>[]>;
  /** Waits until the last step that the browser saw is this one. */
  ends(title: string, step: RegExp): Promise<void>;
  /** What is said of the time between the two ends. */
  gap(title: string): Promise<string | null>;
  /** What a screen reader is told. */
  said(): Promise<string | null>;
  /** The name of what has the focus, and how its outline is drawn. */
  focused(): Promise<[name: string | null | undefined, outline: string]>;
}

/** Opens the page as a visitor of its own: a browser has six connections for a server, and each page holds one. */
export async function visit(browser: Browser, origin: string): Promise<Visitor> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(`${error}`));
  await page.goto(origin);
  const lane = (title: string) =>
    page
      .getByRole("article")
      .filter({ has: page.getByRole("heading", { name: title, exact: true, level: 3 }) })
      .first();
  const steps = (title: string, side: string) =>
    lane(title)
      .locator("section")
      .filter({ has: page.getByRole("heading", { name: side }) })
      .getByRole("listitem");
  return {
    page,
    errors,
    lane,
    // By the keyboard: it presses what has ended too.
    press: (name) => page.getByRole("button", { name, exact: true }).press("Enter"),
    abortAtFirstByte: (name) =>
      page.evaluate(async (name) => {
        const title = [...document.querySelectorAll("strong")].find(({ textContent }) => textContent === name);
        title?.closest("button")?.click();
        const lane = () =>
          [...document.querySelectorAll("article")].find((each) => each.querySelector("h3")?.textContent === name);
        while (!lane()?.textContent?.includes("got the first byte"))
          await new Promise((resolve) => setTimeout(resolve, 20));
        document.querySelector<HTMLElement>(`[aria-label="Abort: ${name}"]`)?.click();
      }, name),
    sees: (title, step) => lane(title).getByText(step).first().waitFor(),
    async outcomes(title) {
      const responses = await steps(title, "Server").getByText("handler called").count();
      await steps(title, "Server")
        .getByText("callback done")
        .nth(Math.max(responses, 1) - 1)
        .waitFor()
        .catch(async (error: Error) => {
          throw new Error(`${error.message}\nthe lane: ${await lane(title).innerText()}`);
        });
      return lane(title)
        .locator("dl")
        .evaluateAll((lists) =>
          lists.map((list) => {
            const texts = (name: string) => [...list.querySelectorAll(name)].map(({ textContent }) => textContent);
            const values = texts("dd");
            return Object.fromEntries(texts("dt").map((name, index) => [name, values[index] as string]));
          }),
        );
    },
    async ends(title, step) {
      await steps(title, "Browser").last().getByText(step).waitFor();
    },
    gap: (title) => lane(title).locator(".gap").textContent(),
    said: () => page.getByRole("status").textContent(),
    focused: () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const label = element.getAttribute("aria-labelledby");
        const name = label ? document.getElementById(label)?.textContent : element.ariaLabel;
        return [name, getComputedStyle(element).outlineStyle];
      }),
  };
}
