import { NextResponse } from "next/server";

export function proxy(request) {
  const response = NextResponse.next();
  if (request.nextUrl.searchParams.has("rewrap")) response.headers.set("x-rewrapped", "yes");
  return response;
}
