export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook("beforeResponse", (event) => {
    if (getQuery(event).rewrap) setResponseHeader(event, "x-rewrapped", "yes");
  });
});
