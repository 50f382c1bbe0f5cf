import { createSchema, createYoga } from "graphql-yoga";
import { ResponseThen } from "response-then/node";
import { answer } from "../harness/answers.ts";

const schema = createSchema({
  typeDefs: "type Query { hello: String } type Subscription { ticks: String }",
  resolvers: { Query: { hello: () => "Hello" }, Subscription: { ticks: { subscribe: ticks } } },
});

async function* ticks() {
  try {
    for (;;) {
      yield { ticks: "tick ".repeat(100) };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    console.log("no more ticks");
  }
}

const answers = {
  onRequest({ request, url, endResponse }) {
    if (url.pathname.startsWith("/answers/")) endResponse(answer(ResponseThen, request.url));
  },
};

const rewrap = {
  onResponse({ request, response }) {
    if (new URL(request.url).searchParams.has("rewrap")) response.headers.set("x-rewrapped", "yes");
  },
};

export const yoga = createYoga({ schema, plugins: [answers, rewrap] });
