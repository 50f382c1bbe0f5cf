import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { handOver, ResponseThen } from "../../adapters/node.ts";
import { READ_ON } from "../../src/expected.ts";

const res = () => new ServerResponse(new IncomingMessage(new Socket()));

describe("handOver", () => {
  test.for<[string, unknown, string]>([
    ["a promise of a response", Promise.resolve(new Response("text")), "Promise"],
    ["a promise of one of ours", Promise.resolve(new ResponseThen(null, () => {})), "Promise"],
    ["nothing", undefined, "Undefined"],
    ["null", null, "Null"],
    ["a text", "text", "string text"],
    ["an object that looks like one", { status: 200, headers: new Headers(), body: null }, "Object"],
    ["a request", new Request("http://localhost/"), "Request"],
  ])("of %s throws a TypeError at the call that says what came", ([, response, got]) => {
    expect(() => handOver(response as Response, res())).toThrow(
      new TypeError(`response: expected a Response, got ${got}${READ_ON}`),
    );
  });

  test.for<[string, unknown, string]>([
    ["nothing", undefined, "Undefined"],
    ["null", null, "Null"],
    ["a response of Fetch", new Response(), "Response"],
    ["a server", createServer, "Function"],
  ])("with %s in place of the ServerResponse throws one too", ([, wrong, got]) => {
    const response = new Response("text");
    expect(() => handOver(response, wrong as ServerResponse)).toThrow(
      new TypeError(`res: expected Node's ServerResponse, got ${got}${READ_ON}`),
    );
    expect(response.bodyUsed).toBe(false);
  });
});
