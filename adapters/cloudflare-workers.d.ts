// Declares the one function of the Workers runtime that adapters/cloudflare.ts imports. The official types would add
// the runtime's globals to every file of the project.
declare module "cloudflare:workers" {
  export function waitUntil(promise: Promise<unknown>): void;
}
