import { byTheAdapter } from "./adapter.ts";
import { withACallback } from "./callback.ts";
import { ofTheClass } from "./class.ts";
import { type Difference, type Way, WITH_BODY } from "./difference.ts";

export type { Way } from "./difference.ts";

/** Everything that is not as without us. Of the way "untouched" there is nothing, and must not be. */
const DIFFERENCES: readonly Difference[] = [...ofTheClass, ...byTheAdapter, ...withACallback];

/** What is known to differ, in the words of `differencesOf`, sorted. */
export function knownDifferences(server: string, way: Way, request: string, name: string): string[] {
  const rows = DIFFERENCES.filter(
    ({ servers, ways, requests = WITH_BODY, cases }) =>
      servers.includes(server) && ways.includes(way) && requests.includes(request) && cases.includes(name),
  );
  return [...new Set(rows.flatMap(({ says }) => says))].sort();
}

/** The names in the table; each must be one of something, or its row would say nothing. */
export const named: Readonly<Record<"servers" | "requests" | "cases", ReadonlySet<string>>> = {
  servers: new Set(DIFFERENCES.flatMap(({ servers }) => servers)),
  requests: new Set(DIFFERENCES.flatMap(({ requests = [] }) => requests)),
  cases: new Set(DIFFERENCES.flatMap(({ cases }) => cases)),
};
