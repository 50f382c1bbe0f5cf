import process from "node:process";

/** Whether the server runs with us; else nothing of ours is loaded. */
export const isOurs: boolean = process.argv[2] === "ours";
