import { Controller, Get, Res } from "@nestjs/common";
import { handOver, ResponseThen, type ServerResponse } from "response-then/node";
import { sendNodeResponse } from "srvx/node";

@Controller()
export class HelloController {
  @Get("sample")
  hello(@Res() res: ServerResponse) {
    const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes));
    return sendNodeResponse(res, handOver(response, res));
  }
}
