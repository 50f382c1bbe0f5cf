/** A callback that writes a line about the answer to a request. */
export function log({ method, nextUrl: { pathname } }) {
  return ({ type, response, bytes, duration, observed }) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(`${method} ${pathname} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`);
  };
}
