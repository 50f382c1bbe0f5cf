// Preloaded into a server of Node: it listens on any free port, and prints which. Many frameworks take a PORT of 0 for
// none. And nothing is told by the garbage collector, so no verdict hangs on when it runs.
import "../../../contract/app/uncollected.ts";
import { type AddressInfo, Server } from "node:net";

const { listen } = Server.prototype;

Server.prototype.listen = function (this: Server, ...args: unknown[]) {
  const listening = args.at(-1);
  this.once("listening", () => console.log(`port ${(this.address() as AddressInfo).port}`));
  const anywhere = { port: 0, host: "127.0.0.1" };
  return typeof listening === "function"
    ? listen.call(this, anywhere, listening as () => void)
    : listen.call(this, anywhere);
};
