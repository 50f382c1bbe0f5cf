import process from "node:process";

/** Tells the bench that the server listens; by its process id the bench finds what it costs. */
export function announce(port: number, control?: number): void {
  console.log(`port ${port} pid ${process.pid}${control === undefined ? "" : ` control ${control}`}`);
}
