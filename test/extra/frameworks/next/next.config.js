import { dirname } from "node:path";

// The answers are in the harness, beside this folder.
export default { turbopack: { root: dirname(import.meta.dirname) } };
