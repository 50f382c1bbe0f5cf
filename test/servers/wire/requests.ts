import { cases } from "./cases.ts";

/** A request as it goes over the socket. */
export interface Asking {
  /** Its name in a path. */
  readonly name: string;
  readonly method: string;
  readonly version: "HTTP/1.0" | "HTTP/1.1";
  readonly headers: readonly string[];
  readonly body: string;
  /** Whether the client wants the connection to stay open. */
  readonly keepsAlive: boolean;
  /** The cases that are asked for in this way. */
  readonly cases: readonly string[];
}

const GET: Asking = {
  name: "GET",
  method: "GET",
  version: "HTTP/1.1",
  headers: [],
  body: "",
  keepsAlive: true,
  cases: Object.keys(cases).filter((name) => name !== "request read"),
};
const SOME = ["string", "empty string", "string with headers and cookies", "stream", "blob", "no body", "204"];
const OTHERS = ["304", "redirect", "404", "json", "from a string", "content-length by hand", "stream with its length"];

/** Every kind of request. */
export const requests: readonly Asking[] = [
  GET,
  { ...GET, name: "HEAD", method: "HEAD", cases: [...SOME, ...OTHERS, "throws"] },
  {
    ...GET,
    name: "POST",
    method: "POST",
    headers: ["Content-Type: text/plain", "Content-Length: 5"],
    body: "Hello",
    cases: ["request read", "string", "stream"],
  },
  { ...GET, name: "HTTP/1.0", version: "HTTP/1.0", keepsAlive: false, cases: SOME },
  { ...GET, name: "HTTP/1.0 with keep-alive", version: "HTTP/1.0", headers: ["Connection: keep-alive"], cases: SOME },
  { ...GET, name: "GET with close", headers: ["Connection: close"], keepsAlive: false, cases: [...SOME, "redirect"] },
];
