import { createFileRoute } from "@tanstack/react-router";
import { ResponseThen } from "response-then";

export const Route = createFileRoute("/sample")({
  server: {
    handlers: { GET: () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)) },
  },
});
