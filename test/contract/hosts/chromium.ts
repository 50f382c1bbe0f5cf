import { available, startChromium } from "../../platforms/service-worker/chromium.ts";
import { startSite } from "../../platforms/service-worker/site.ts";
import type { RunningHost } from "../host.ts";
import { pageClient } from "../page-client.ts";

export { available };

/** A service worker in Chromium; its client is a page that it serves. */
export async function onChromium(): Promise<RunningHost> {
  const site = await startSite(new URL("../serve/service-worker.ts", import.meta.url));
  const browser = await startChromium();
  let complaints = "";
  browser.context.on("serviceworker", (worker) => {
    worker.on("console", (message) => {
      if (message.type() === "error") complaints += `${message.text()}\n`;
    });
  });
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener("controllerchange", resolve);
    });
    await navigator.serviceWorker.register("/worker.js");
    await controlled;
  });
  return {
    client: await pageClient(page),
    complaints: () => complaints,
    async close() {
      await browser.close();
      site.close();
    },
  };
}
