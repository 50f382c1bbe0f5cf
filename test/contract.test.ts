import { contract } from "./contract.ts";
import { hosts } from "./hosts/index.ts";

const { node, bun, deno, workerd, workerdNewest } = hosts;

for (const host of [node, bun, deno]) {
  contract(host, "alone");
  contract(host, "hono");
}

for (const way of ["alone", "wrapped", "hono"]) contract(workerdNewest, way);

// The one inside miniflare is older.
const endsCleanly = {
  "a body that fails does not end cleanly on the wire":
    "this workerd ends an errored chunked body as if it were whole, with plain responses too",
};
contract(workerd, "wrapped", endsCleanly);
contract(workerd, "hono", endsCleanly);
contract(workerd, "alone", endsCleanly);
