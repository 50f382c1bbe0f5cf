const X = Buffer.alloc(2 ** 20, "x");

/** Whether data is what the servers' bodies are made of: nothing but x. */
export function areXs(data: Buffer): boolean {
  for (let i = 0; i < data.byteLength; i += X.byteLength) {
    const some = data.subarray(i, i + X.byteLength);
    if (!some.equals(X.subarray(0, some.byteLength))) return false;
  }
  return true;
}
