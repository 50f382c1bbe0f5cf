// Django's signal at the end of a request. Its receiver does not get the response:
//
//   @receiver(request_finished)
//   def count(sender, **kwargs):
//       finished.inc()          # of which response? with which status?
//
// The difference: the listener gets the response, and how it ended.
import { responseFinished } from "response-then";

/** Counts the responses of this process by status and by how they ended. Returns what ends the counting. */
export function countResponses(counts: Map<string, number>): () => void {
  return responseFinished.subscribe(({ type, response }) => {
    const key = `${response.status} ${type}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
}
