// Writes docs/api.md, the reference of all that package.json exports, from the docstrings of the sources.
import { writeFileSync } from "node:fs";
import { apiReference } from "./api-reference/page.ts";

writeFileSync("docs/api.md", apiReference(process.cwd()));
