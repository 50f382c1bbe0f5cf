import { definePlugin } from "nitro";

export default definePlugin((nitroApp) => {
  nitroApp.hooks.hook("response", (response, event) => {
    if (event.url.searchParams.has("rewrap")) response.headers.set("x-rewrapped", "yes");
  });
});
