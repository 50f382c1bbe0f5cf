// Declares the one function of Next that adapters/next.ts imports; "paths" of tsconfig.json leads here. The official
// types would require those of React.
export function after(task: Promise<unknown> | (() => unknown)): void;
