import express from "express";
import { handOver, ResponseThen } from "response-then/node";
import { sendNodeResponse } from "srvx/node";
import { answer } from "../harness/answers.ts";
import { hello } from "./sample.js";

const app = express();

app.use((req, res, next) => {
  if (req.query.rewrap) res.setHeader("x-rewrapped", "yes");
  next();
});
app.get("/answers/:name", (req, res) => sendNodeResponse(res, handOver(answer(ResponseThen, req.url), res)));
app.get("/sample", hello);

app.listen(3000);
