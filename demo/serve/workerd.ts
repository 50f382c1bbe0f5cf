import { withResponseThen } from "response-then/cloudflare";
import { app } from "../app.ts";

export default withResponseThen(app);
