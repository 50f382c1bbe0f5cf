import { Controller, Get, Req, Res } from "@nestjs/common";
import { handOver, ResponseThen, type ServerResponse } from "response-then/node";
import { sendNodeResponse } from "srvx/node";
import { answer } from "../../harness/answers.ts";

@Controller("answers")
export class AnswersController {
  @Get(":name")
  answer(@Req() req: { url: string }, @Res() res: ServerResponse) {
    return sendNodeResponse(res, handOver(answer(ResponseThen, req.url), res));
  }
}
