import { route } from "@react-router/dev/routes";

export default [
  route("answers/:name", "routes/answers.js"),
  route("slow", "routes/slow.js"),
  route("sample", "sample/routes/hello.js"),
];
