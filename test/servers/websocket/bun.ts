import { ResponseThen, withResponseThen } from "../../../adapters/bun.ts";

interface Server {
  readonly port: number;
  upgrade(request: Request): boolean;
}
declare const Bun: { serve(options: object): Server };

const record = ({ type, observed }: { type: string; observed: string }) => console.log(`told ${type} ${observed}`);

function answer(request: Request, server: Server): Response | undefined {
  const refusal = new ResponseThen("Upgrade required", record, { status: 426 });
  return server.upgrade(request) ? undefined : refusal;
}

const echo = { message: (socket: { send(data: unknown): void }, data: unknown) => socket.send(data) };
const { port } = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: withResponseThen(answer, () => console.log("told of a response")),
  websocket: echo,
});
console.log(`port ${port}`);
