// The little of elysia that the benches use: it has a lock of its own, and may not be there.
declare module "elysia" {
  type Server = { readonly port: number };
  type Context = { readonly request: Request; readonly server: Server | null };
  type Handler = (context: Context) => Response | Promise<Response>;

  export class Elysia {
    get(path: string, handler: Handler, hooks?: { afterResponse(context: Context): unknown }): this;
    listen(options: { port: number; hostname: string }): this;
    readonly server: Server | null;
  }
}
