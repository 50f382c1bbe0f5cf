import { startWorker } from "../../hosts/workerd.ts";
import type { RunningHost } from "../host.ts";
import { httpClient } from "../http-client.ts";

/** @param binary Another workerd than the one inside miniflare. */
export async function onWorkerd(binary?: string): Promise<RunningHost> {
  const { port, complaints, close } = await startWorker(new URL("../serve/workerd.ts", import.meta.url), {
    flags: ["enable_request_signal", "nodejs_als"],
    ...(binary !== undefined && { binary }),
  });
  return { client: httpClient(port), port, complaints, close };
}
