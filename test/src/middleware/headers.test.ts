import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { ResponseThen } from "../../../src/index.ts";
import { type HeaderEntries, headers, type MakeHeaders } from "../../../src/middleware/index.ts";
import { thrownBy } from "../../thrown-by.ts";
import { into, leaveNothingInFlight, settle } from "../../told.ts";

leaveNothingInFlight();

const GET = new Request("http://localhost/path");

async function answer(response: Response, entries: HeaderEntries | MakeHeaders): Promise<Response> {
  return headers(entries)(() => response)(GET);
}

const shown = (response: Response) => Object.fromEntries(response.headers);

describe("headers", () => {
  test("adds, replaces and deletes headers, of the very same response", async () => {
    const plain = new Response("Hello", { status: 201, headers: { "x-old": "1", "x-kept": "1", "x-gone": "1" } });
    const sent = await answer(plain, { "X-Old": "2", "x-new": "3", "x-gone": null, "x-never": null });
    expect(sent).toBe(plain);
    expect(shown(sent)).toEqual({
      "content-type": "text/plain;charset=UTF-8",
      "x-kept": "1",
      "x-new": "3",
      "x-old": "2",
    });
    expect([sent.status, await sent.text()]).toEqual([201, "Hello"]);
  });

  test.for([
    ["an object", { "x-a": "1", "x-b": "2" }],
    [
      "pairs",
      [
        ["x-a", "1"],
        ["x-b", "2"],
      ],
    ],
    [
      "a Map",
      new Map([
        ["x-a", "1"],
        ["x-b", "2"],
      ]),
    ],
    ["Headers", new Headers({ "x-a": "1", "x-b": "2" })],
  ] as [string, HeaderEntries][])("takes %s", async ([, entries]) => {
    expect(shown(await answer(new Response(null), entries))).toEqual({ "x-a": "1", "x-b": "2" });
  });

  test("adds cookies to those of the handler", async () => {
    const response = new Response(null, { headers: { "set-cookie": "a=1" } });
    const sent = await answer(response, [
      ["Set-Cookie", "b=2"],
      ["set-cookie", "c=3"],
    ]);
    expect(sent.headers.getSetCookie()).toEqual(["a=1", "b=2", "c=3"]);
    expect((await answer(sent, { "set-cookie": null })).headers.getSetCookie()).toEqual([]);
  });

  test("calls a function once per response, with the response and the request", async () => {
    const calls: unknown[] = [];
    const wrap = headers((response, request) => {
      calls.push([response.status, request.url]);
      return response.ok ? { "x-ok": "yes" } : undefined;
    });
    const [good, bad] = [new Response(null), new Response(null, { status: 404 })];
    expect(shown(await wrap(async () => good)(GET))).toEqual({ "x-ok": "yes" });
    expect(await wrap(() => bad)(GET)).toBe(bad);
    expect(shown(bad)).toEqual({});
    expect(calls).toEqual([
      [200, GET.url],
      [404, GET.url],
    ]);
  });

  test("copies the entries at the call", async () => {
    const entries: Record<string, string> = { "x-a": "1" };
    const wrap = headers(entries);
    entries["x-a"] = "2";
    expect(shown(await wrap(() => new Response(null))(GET))).toEqual({ "x-a": "1" });
  });

  test("passes on the arguments of the platform, and answers at once where the handler does", () => {
    const given: unknown[] = [];
    const handler = (_request: Request, ...rest: [string, number]) => {
      given.push(...rest);
      return new Response(null);
    };
    expect(headers<[string, number]>({})(handler)(GET, "env", 7)).toBeInstanceOf(Response);
    expect(given).toEqual(["env", 7]);
  });

  test("does not look at the body, nor lock it", async () => {
    const looks: string[] = [];
    class Looked extends Response {
      override get body() {
        looks.push("body");
        return super.body;
      }
    }
    const sent = await answer(new Looked("Hello"), { "x-a": "1" });
    expect([looks, sent.bodyUsed]).toEqual([[], false]);
  });

  test("lets a ResponseThen keep its class and its callbacks", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen("Hello", into(events, "own"));
    const sent = await answer(response, { "x-a": "1" });
    expect(sent).toBe(response);
    await sent.text();
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200]]);
  });

  // As under the adapter for Node: a fixed body is sent as it was given.
  test("reaches a response whose body nobody watches", async () => {
    const handler = headers({ "x-a": "1" })(() => new ResponseThen("Hello", () => {}, { headers: { "x-b": "2" } }));
    const sent = await wrapHandler(handler, ({ method }) => ({ method, fixedLimit: 65_536 }))(GET);
    expect(shown(sent)).toEqual({ "content-type": "text/plain;charset=UTF-8", "x-a": "1", "x-b": "2" });
    expect(await sent.text()).toBe("Hello");
  });

  test("throws the handler's error on, at once or later", async () => {
    const failure = new Error("failed");
    const fails = () => {
      throw failure;
    };
    expect(() => headers({})(fails)(GET)).toThrow(failure);
    await expect(headers({})(async () => fails())(GET)).rejects.toBe(failure);
  });

  test("throws for an answer that is no response", async () => {
    const none = (() => undefined) as unknown as () => Response;
    expect(thrownBy(() => headers({})(none)(GET))).toBe(
      "TypeError: the handler's answer: expected a Response, got Undefined",
    );
  });
});

describe("headers that may not be changed", () => {
  const server = createServer((_request, outgoing) => {
    outgoing.writeHead(203, "Fine", { "x-old": "1", "set-cookie": ["a=1", "b=2"] }).end("from afar");
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());

  test("of fetch() are changed on a copy, around the same body", async () => {
    const fetched = await fetch(url);
    const { body } = fetched;
    const sent = await answer(fetched, { "x-gone": null, "x-old": "2", "set-cookie": "c=3" });
    expect(sent).not.toBe(fetched);
    expect([sent.status, sent.statusText, sent.headers.get("x-old")]).toEqual([203, "Fine", "2"]);
    expect(sent.headers.getSetCookie()).toEqual(["a=1", "b=2", "c=3"]);
    expect(sent.body).toBe(body);
    expect(await sent.text()).toBe("from afar");
  });

  test("of Response.redirect() are changed on a copy", async () => {
    const sent = await answer(Response.redirect("http://localhost/elsewhere", 303), { "x-a": "1" });
    expect([sent.status, shown(sent)]).toEqual([303, { location: "http://localhost/elsewhere", "x-a": "1" }]);
  });

  test("of Response.error() stay, and so does the response", async () => {
    const error = Response.error();
    expect(await answer(error, { "x-a": "1" })).toBe(error);
    expect([error.type, shown(error)]).toEqual(["error", {}]);
  });

  test("of a response whose body was read are an error, as they are without middleware", async () => {
    const fetched = await fetch(url);
    await fetched.text();
    await expect(answer(fetched, { "x-a": "1" })).rejects.toThrow(TypeError);
  });
});

describe("bad entries", () => {
  test.for([
    ["a line feed", "a\nb"],
    ["a carriage return", "a\rb"],
    // The platforms take it for white space, and leave it out.
    ["a line feed at the end", "a\r\n"],
    ["a null character", "a\0b"],
    ["an escape", "a\x1bb"],
    ["what is not Latin-1", "a\u2028b"],
  ])("throw at the call: %s in a value", ([, value = ""]) => {
    expect(thrownBy(() => headers({ "x-a": value }))).toBe(
      `TypeError: header x-a: expected a string of one line, in Latin-1, or null, got string ${JSON.stringify(value)}`,
    );
  });

  test.for(["", "a b", "a:", "a\n", "ä", "a\0"])("throw at the call: %j as a name", (name) => {
    expect(thrownBy(() => headers({ [name]: "1" }))).toBe(
      `TypeError: headers: expected the name of a header, got string ${JSON.stringify(name)}`,
    );
  });

  test.for([
    [null, "headers: expected an object, got Null"],
    ["x-a: 1", "headers: expected an object, got string x-a: 1"],
    [Promise.resolve({}), "headers: expected an object, got Promise"],
    [["x-a"], "headers: expected pairs of name and value, got string x-a"],
    [[[1, "2"]], "headers: expected the name of a header, got number 1"],
    [{ "x-a": 1 }, "header x-a: expected a string of one line, in Latin-1, or null, got number 1"],
    [{ "x-a": undefined }, "header x-a: expected a string of one line, in Latin-1, or null, got Undefined"],
  ])("throw at the call: %j", ([entries, message]) => {
    expect(thrownBy(() => headers(entries as HeaderEntries))).toBe(`TypeError: ${message}`);
  });

  test("of a function are thrown when the response is answered, as the handler's error", async () => {
    const plain = new Response("Hello");
    await expect(answer(plain, () => ({ "x-good": "1", "x-a": "a\nb" }))).rejects.toThrow("header x-a: expected");
    expect(plain.headers.has("x-good")).toBe(false);
    const late = (async () => ({})) as unknown as MakeHeaders;
    await expect(answer(plain, late)).rejects.toThrow("headers: expected an object, got Promise");
  });

  /** Short ones, so that one bad character is all that many of them have. */
  const text = (maxLength: number) =>
    fc.string({ unit: fc.nat(300).map((unit) => String.fromCharCode(unit)), maxLength });

  test("are told from good ones as the platform does, but for white space at the ends and control characters", () => {
    fc.assert(
      fc.property(text(4), text(6), (name, value) => {
        let ours = true;
        let platforms = true;
        try {
          headers([[name, value]]);
        } catch {
          ours = false;
        }
        try {
          new Headers([[name, value]]);
        } catch {
          platforms = false;
        }
        if (ours) expect(platforms).toBe(true);
        if (platforms && value === value.trim()) expect(ours || /\p{Cc}/u.test(value)).toBe(true);
      }),
    );
  });
});
