import { Outlet } from "react-router";

async function rewrapped({ request }, next) {
  const response = await next();
  if (!new URL(request.url).searchParams.has("rewrap")) return response;
  const again = new Response(response.body, response);
  again.headers.set("x-rewrapped", "yes");
  return again;
}

export const middleware = [rewrapped];

export default function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
      </body>
    </html>
  );
}
