// Runs in each environment and pool; dom.test.ts says which. Only what the environment's own Response can be asked for.
import { ResponseThen } from "response-then";
import { transform } from "response-then/middleware";
import { withResponseThen } from "response-then/node";
import { abort, consume } from "response-then/testing";
import { describe, expect, test } from "vitest";

const bodies: [string, () => BodyInit, string][] = [
  ["a string", () => "héllo", "héllo"],
  ["URLSearchParams", () => new URLSearchParams({ a: "ü b" }), "a=%C3%BC+b"],
  ["bytes of this realm", () => new Uint8Array([104, 105]), "hi"],
  ["bytes of TextEncoder", () => new TextEncoder().encode("hi"), "hi"],
];
const length = (text: string) => new TextEncoder().encode(text).byteLength;
const request = () => new Request("http://localhost/");

describe.each(bodies)("%s", (_, make, text) => {
  test("is read, and completes with its bytes", async () => {
    const response = new ResponseThen(make(), () => {});
    expect(await response.text()).toBe(text);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: length(text) });
  });

  test("is read from its clone too, and by a client that stays or leaves", async () => {
    const response = new ResponseThen(make(), () => {});
    expect(await response.clone().text()).toBe(text);
    expect((await consume(response)).type).toBe("completed");
    expect((await abort(new ResponseThen(make(), () => {}))).type).toBe("canceled");
  });

  test("is read from what a wrapped handler answers", async () => {
    const fetch = withResponseThen(() => new ResponseThen(make(), () => {}));
    expect(await (await fetch(request())).text()).toBe(text);
  });

  test("is transformed", async () => {
    const louder = transform((piece) => piece.toUpperCase());
    const response = await louder(() => new ResponseThen(make(), () => {}))(request());
    expect(await response.text()).toBe(text.toUpperCase());
  });
});

test("JSON is read", async () => {
  expect(await ResponseThen.json({ a: [1, "ü"] }, () => {}).json()).toEqual({ a: [1, "ü"] });
});

test("what a function writes is read", async () => {
  const response = ResponseThen.stream(
    async (writer) => {
      await writer.write("h");
      await writer.write(new TextEncoder().encode("i"));
    },
    () => {},
  );
  expect(await response.text()).toBe("hi");
});

test("somebody else's response is read", async () => {
  expect(await ResponseThen.from(new Response("hi"), () => {}).text()).toBe("hi");
});
