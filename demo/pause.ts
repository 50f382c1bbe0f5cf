/** Fulfils after `ms`. (Workers have no `node:timers/promises` without a flag.) */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
