import { createHandler, StartServer } from "@solidjs/start/server";
import { withResponseThen } from "response-then/srvx";
import { Document } from "./document.jsx";

const handler = createHandler(() => <StartServer document={Document} />);

export default { fetch: withResponseThen((request) => handler.fetch(request)) };
