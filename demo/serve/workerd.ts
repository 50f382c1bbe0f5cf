import { withResponseThen } from "response-then/cloudflare";
import { createApp } from "../app.ts";
import type { Files } from "../files.ts";

/** Put in by the bundler. */
declare const FILES: Files;

// With a callback the handler runs on when its client leaves before it has answered; Workers would stop it.
export default withResponseThen(createApp("workerd", FILES), () => {});
