// What NodeSignals is told by real servers and real sockets; runs on every Node, the oldest included.
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import http2, { type ClientHttp2Session, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { NodeSignals, type ServerResponse } from "../../../src/exchange/node.ts";

// More than the kernel's buffers take.
const BIG = Buffer.alloc(60_000_000);
// More than the window of an HTTP/2 stream, and less than what a session may have in memory.
const LONG = Buffer.alloc(4_000_000);
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = http2.constants;

/** Each tells what happened, in order. */
export const scenarios: Record<string, () => Promise<unknown[]>> = {
  "read to its end is flushed": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      await told.end("/", "data");
      client.destroy();
    }),

  "of a HEAD is flushed": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/").replace("GET", "HEAD"));
      await told.end("/");
    }),

  "on a kept connection is told of its own end, and of none that comes after": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/first"));
      await told.end("/first", "data");
      client.write(GET("/second"));
      const second = told.end("/second", BIG);
      await readable(client);
      client.resetAndDestroy();
      await second;
    }),

  "cut by a reset of the client is not, with the socket's error as the cause": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const told1 = told.end("/", BIG);
      await readable(client);
      client.resetAndDestroy();
      const reason = await told1;
      told.events.push((reason?.cause as Error | undefined) instanceof Error);
    }),

  "cut by a client that closes is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const ended = told.end("/", BIG);
      await readable(client);
      client.destroy();
      await ended;
    }),

  "cut by a client while nothing is written is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const { res, ended } = await told.open("/");
      (res as unknown as Socket).write("some");
      await readable(client);
      client.destroy();
      await ended;
    }),

  "cut by the server's own hand is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const { res, ended } = await told.open("/");
      (res as unknown as Socket).end(BIG);
      await readable(client);
      (res.socket as Socket).destroy();
      await ended;
    }),

  "to a client that left before is gone, and one to a client that is there is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const { platform, ended } = await told.open("/");
      told.events.push(platform.gone()?.name);
      client.resetAndDestroy();
      await ended;
      told.events.push(platform.gone()?.name);
    }),

  "that the server destroys for an error is errored": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/"));
      const { res, ended } = await told.open("/");
      (res as unknown as Socket).write("some");
      await readable(client);
      (res as unknown as Socket).destroy(upstreamError());
      await ended;
    }),

  "behind another on its connection is flushed": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/first") + GET("/second"));
      const second = told.end("/second", "data");
      await told.end("/first", "data");
      await second;
    }),

  "behind another, whose client leaves before its turn, is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/first") + GET("/second"));
      const second = told.end("/second", "data");
      await (await told.open("/second")).res;
      client.resetAndDestroy();
      await second;
    }),

  "behind another, cut by a reset in its turn, is not": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/first") + GET("/second"));
      const second = told.end("/second", BIG);
      await told.end("/first", "data");
      await readable(client);
      client.resetAndDestroy();
      await second;
    }),

  "behind another, that the server destroys in its turn for an error, is errored": () =>
    overHttp(async (told, { client }) => {
      client.write(GET("/first") + GET("/second"));
      const { res, ended } = await told.open("/second");
      (res as unknown as Socket).write("some");
      await told.end("/first", "data");
      await readable(client);
      (res as unknown as Socket).destroy(upstreamError());
      await ended;
    }),

  "over HTTP/2, read to its end, is flushed": () =>
    overHttp2(async (told, { session }) => {
      session
        .request({ ":path": "/" })
        .on("error", () => {})
        .resume();
      await told.end("/", "data");
    }),

  "over HTTP/2, cut by a client that cancels its stream, is not, and another of the session is": () =>
    overHttp2(async (told, { session }) => {
      const stream = session.request({ ":path": "/cut" }).on("error", () => {});
      const cut = told.end("/cut", LONG);
      await once(stream, "response");
      stream.close(NGHTTP2_CANCEL);
      await cut;
      session
        .request({ ":path": "/whole" })
        .on("error", () => {})
        .resume();
      await told.end("/whole", "data");
    }),

  "over HTTP/2, cut by a client that leaves, is not": () =>
    overHttp2(async (told, { session }) => {
      const stream = session.request({ ":path": "/" }).on("error", () => {});
      const ended = told.end("/", LONG);
      await once(stream, "response");
      session.destroy();
      await ended;
    }),

  "over HTTP/2, cut by the server's own hand, is not": () =>
    overHttp2(async (told, { session }) => {
      const stream = session.request({ ":path": "/" }).on("error", () => {});
      const { res, ended } = await told.open("/");
      (res as Http2ServerResponse).end(LONG);
      await once(stream, "response");
      (res as Http2ServerResponse).stream.close(NGHTTP2_INTERNAL_ERROR);
      await ended;
    }),

  "over HTTP/2, to a client that left before, is gone": () =>
    overHttp2(async (told, { session }) => {
      const stream = session.request({ ":path": "/" }).on("error", () => {});
      const { platform, ended } = await told.open("/");
      told.events.push(platform.gone()?.name);
      stream.close(NGHTTP2_CANCEL);
      await ended;
      told.events.push(platform.gone()?.name);
    }),
};

/** What a body fails with whose upstream is reset: it looks as Node's own "aborted" does. */
const upstreamError = () => Object.assign(new Error("aborted"), { code: "ECONNRESET" });

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

interface Opened {
  readonly res: ServerResponse;
  readonly platform: NodeSignals;
  /** Fulfils when the listener is told; after some time without, too. */
  readonly ended: Promise<Error | undefined>;
}

/** The responses of a server by their path, and what their listeners were told. */
class Told {
  readonly events: unknown[] = [];
  readonly #opened = new Map<string, Promise<Opened>>();
  readonly #resolve = new Map<string, (opened: Opened) => void>();

  add(path: string, res: ServerResponse): void {
    const platform = new NodeSignals(res, "GET");
    const ended = new Promise<Error | undefined>((resolve) => {
      platform.flushed((end) => {
        const reason = end.type === "canceled" ? end.reason : undefined;
        this.events.push([path, end.type === "completed" ? "flushed" : (reason?.name ?? end.type)]);
        resolve(reason);
      }, false);
      setTimeout(resolve, 5_000, undefined).unref();
    });
    this.open(path);
    this.#resolve.get(path)?.({ res, platform, ended });
  }

  open(path: string): Promise<Opened> {
    let opened = this.#opened.get(path);
    if (opened === undefined) {
      opened = new Promise((resolve) => this.#resolve.set(path, resolve));
      this.#opened.set(path, opened);
    }
    return opened;
  }

  /** Ends the response of a path with a body, when its request has come. */
  async end(path: string, body?: string | Buffer): Promise<Error | undefined> {
    const { res, ended } = await this.open(path);
    (res as unknown as Socket).end(body as string);
    return ended;
  }
}

type Play<Client> = (told: Told, client: Client) => Promise<void>;

async function overHttp(play: Play<{ client: Socket }>): Promise<unknown[]> {
  const told = new Told();
  const listener: RequestListener = ({ url = "" }, res) => told.add(url, res);
  return serve(createServer(listener), told, async (port) => {
    const client = connect(port, "127.0.0.1").on("error", () => {});
    await once(client, "connect");
    await play(told, { client });
    client.destroy();
  });
}

async function overHttp2(play: Play<{ session: ClientHttp2Session }>): Promise<unknown[]> {
  const told = new Told();
  const listener = ({ url }: Http2ServerRequest, res: Http2ServerResponse) => {
    // The compatibility layer throws what nobody listens for.
    res.stream.on("error", () => {});
    told.add(url, res);
  };
  return serve(http2.createServer(listener), told, async (port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`).on("error", () => {});
    await play(told, { session });
    session.destroy();
  });
}

async function serve(server: Server, told: Told, run: (port: number) => Promise<void>): Promise<unknown[]> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  await run((server.address() as AddressInfo).port);
  // Whatever is told a second time is told by now.
  const closed = once(server, "close");
  server.close();
  await closed;
  return told.events;
}

async function readable(client: Socket): Promise<void> {
  await once(client, "readable");
  client.read(1_000);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const names = Object.keys(scenarios);
  const told = await Promise.all(names.map(async (name) => [name, await scenarios[name]?.()]));
  console.log(JSON.stringify(Object.fromEntries(told)));
  process.exit();
}
