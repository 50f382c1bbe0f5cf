import { createFileRoute } from "@tanstack/react-router";
import { ResponseThen } from "response-then";
import { answer } from "../../../harness/answers.ts";

export const Route = createFileRoute("/answers/$name")({
  server: { handlers: { GET: ({ request }) => answer(ResponseThen, request.url) } },
});
