import { byteLengthOf } from "./byte-length.ts";
import type { ResponseBody } from "./content.ts";

/** Content that is all there, so that a platform can take it as it is. */
export type FixedContent = string | Blob | URLSearchParams | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/**
 * The fixed content of a body, where it has any, and at most `limit` bytes of it. It stays what it is now, whatever the
 * application does with it.
 */
export function toFixed(body: ResponseBody, status: number | undefined, limit: number): FixedContent | undefined {
  // A body, and a status that has none: an error, which is told elsewhere.
  if (status !== undefined && [101, 204, 205, 304].includes(Number(status))) return undefined;
  if (typeof body === "string") {
    // Three bytes are the most that UTF-8 makes of a code unit.
    return body.length * 3 <= limit || byteLengthOf(body) <= limit ? body : undefined;
  }
  if (body instanceof URLSearchParams) return byteLengthOf(body) <= limit ? new URLSearchParams(body) : undefined;
  const bytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body);
  if (!(bytes || body instanceof Blob) || byteLengthOf(body) > limit) return undefined;
  return bytes ? copyOf(body as ArrayBuffer | ArrayBufferView) : (body as Blob);
}

/** The bytes as they are now. */
export function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  // A detached buffer has no bytes, and throws when it is looked at.
  if (bytes.byteLength === 0) return new Uint8Array();
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes).slice();
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).slice();
}
