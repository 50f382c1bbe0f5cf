// Django: a response class whose close() logs whether the response was a success.
//
//   class LoggingResponse(HttpResponse):
//       def close(self):
//           super().close()
//           log("success" if self.status_code < 400 else "failure")
//
// The difference: close() also runs when the client left and cannot tell; the outcome can.
import { type Outcome, ResponseThen } from "response-then";

/** A response that logs its success when it has ended. */
export class LoggingResponse extends ResponseThen {
  constructor(body: BodyInit | null, log: (line: string) => void, init?: ResponseInit) {
    super(body, (outcome) => log(verdict(outcome)), init);
  }
}

function verdict({ type, response }: Outcome): string {
  if (type !== "completed") return `${response.status} ${type}`;
  return `${response.status} ${response.status < 400 ? "success" : "failure"}`;
}
