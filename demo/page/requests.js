/** What the buttons ask for. */
export const requests = [
  { key: "plain", name: "Plain", path: "/plain", about: "A string." },
  { key: "stream", name: "Stream", path: "/stream", about: "A line every 200 ms, for 4 s." },
  { key: "slow", name: "Slow stream", path: "/slow", about: "A line every 2 s, for 10 s." },
  { key: "fails", name: "Source error", path: "/fails", about: "Fails after five lines." },
  { key: "redirect", name: "Redirect", path: "/redirect", about: "A 303 to a page." },
  {
    key: "head",
    name: "HEAD",
    path: "/stream",
    method: "HEAD",
    about: "The stream’s head alone.",
  },
  {
    key: "download",
    name: "20 MB download",
    path: "/download",
    about: "In pieces of 64 KiB.",
  },
];
