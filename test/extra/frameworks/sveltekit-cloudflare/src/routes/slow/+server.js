import { ResponseThen } from "response-then";

async function slow() {
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log("slow");
}

export const GET = () => new ResponseThen("Hello", slow);
