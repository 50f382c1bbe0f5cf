import { notFound, redirect } from "next/navigation";
import { ResponseThen, withResponseThen } from "response-then/next";
import { log } from "../../../log.js";

const orders = new Map([["1", "Two books\n"]]);

// The second callback is told of every answer, by whatever way it came about; the first only of its own.
export const GET = withResponseThen(
  async (request, { params }) => {
    const { id } = await params;
    if (id === "latest") redirect("/orders/1");
    const order = orders.get(id) ?? notFound();
    return new ResponseThen(order, log(request));
  },
  ({ type, response }) => console.log(`an order was asked for: ${response.status}, ${type}`),
);
