import handler, { createServerEntry } from "@tanstack/react-start/server-entry";
import { withResponseThen } from "response-then/srvx";

export default createServerEntry({ fetch: withResponseThen((request) => handler.fetch(request)) });
