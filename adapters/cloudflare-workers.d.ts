// The little of the Workers runtime that adapters/cloudflare.ts imports: the official types would put the runtime's
// globals into every file of the project.
declare module "cloudflare:workers" {
  export function waitUntil(promise: Promise<unknown>): void;
}
