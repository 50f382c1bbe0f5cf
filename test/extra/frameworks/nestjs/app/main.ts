import "reflect-metadata";
import { type CallHandler, type ExecutionContext, Module, type NestInterceptor } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { AnswersController } from "./answers.controller.ts";
import { HelloController } from "./hello.controller.ts";

@Module({ controllers: [AnswersController, HelloController] })
class AppModule {}

class Rewrap implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const http = context.switchToHttp();
    if (http.getRequest().query.rewrap) http.getResponse().setHeader("x-rewrapped", "yes");
    return next.handle();
  }
}

const app = await NestFactory.create(AppModule, { logger: ["error"] });
app.useGlobalInterceptors(new Rewrap());
await app.listen(3000);
