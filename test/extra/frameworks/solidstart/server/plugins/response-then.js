import { definePlugin } from "nitro";
import { withResponseThen } from "response-then/srvx";

export default definePlugin((nitroApp) => {
  nitroApp.fetch = withResponseThen(nitroApp.fetch.bind(nitroApp));
});
