// The little of Next that adapters/next.ts imports, found by "paths" of tsconfig.json: the official types would want
// those of React.
export function after(task: Promise<unknown> | (() => unknown)): void;
