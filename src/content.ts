import { describe } from "./describe.ts";
import type { BodyContent } from "./watched-body.ts";

/** A body as `Response` takes it. */
export type ResponseBody = ConstructorParameters<typeof Response>[0];

/** A body, taken apart: what to read, as which kind of stream, and the content-type that the plain response has. */
export interface Content {
  readonly content: BodyContent;
  readonly type: "bytes" | undefined;
  readonly contentType: string | null;
}

const encoder = new TextEncoder();

/**
 * Takes a body apart without locking or reading it.
 *
 * @throws {TypeError} for a body that no response can have: locked, already read, or with a status that has none.
 */
export function toContent(body: ResponseBody, status: number | undefined): Content | undefined {
  if (body === null || body === undefined) return undefined;
  // Thrown here because Bun accepts such a body and drops it.
  if (status === 101 || status === 204 || status === 205 || status === 304) {
    throw new TypeError(`A response with status ${status} has no body; pass null instead of ${describe(body)}`);
  }
  if (typeof body === "string") return fixed(encoder.encode(body), "text/plain;charset=UTF-8");
  if (body instanceof ArrayBuffer) return fixed(new Uint8Array(body.slice(0)), null);
  if (ArrayBuffer.isView(body) && body.buffer instanceof ArrayBuffer) {
    const { buffer, byteOffset, byteLength } = body;
    return fixed(new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength)), null);
  }
  return toStream(body);
}

function fixed(content: Uint8Array<ArrayBuffer>, contentType: string | null): Content {
  return { content, type: fixedBodyType(), contentType };
}

/** Every other body is read through a plain response: it knows the content-type and checks the stream. */
function toStream(body: NonNullable<ResponseBody>): Content {
  if (body instanceof ReadableStream && body.locked) {
    throw new TypeError(
      "The body is a stream that is locked to a reader; release its lock, or pass one branch of its tee()",
    );
  }
  let plain: Response;
  try {
    plain = new Response(body);
  } catch (cause) {
    throw new TypeError(`The body is ${describe(body)} that Response does not take: ${(cause as Error).message}`, {
      cause,
    });
  }
  // In this order: on Bun a body once touched takes the content-type away.
  const contentType = plain.headers.get("content-type");
  const content = plain.body as ReadableStream;
  return { content, type: streamType(content), contentType };
}

function streamType(stream: ReadableStream): "bytes" | undefined {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return "bytes";
  } catch {
    return undefined;
  }
}

let typeOfFixedBodies: { type: "bytes" | undefined } | undefined;

/** A plain fixed body is a readable byte stream on Node and Workers, a default stream on Bun and Deno. */
function fixedBodyType(): "bytes" | undefined {
  typeOfFixedBodies ??= { type: streamType(new Response("").body as ReadableStream) };
  return typeOfFixedBodies.type;
}
