import { contract } from "./contract.ts";
import { hosts } from "./hosts/index.ts";

const { workerd, ...servers } = hosts;

for (const host of Object.values(servers)) {
  contract(host, "alone");
  contract(host, "hono");
}

const endsCleanly = {
  "a body that fails does not end cleanly on the wire":
    "this workerd ends an errored chunked body as if it were whole, with plain responses too",
};
contract(workerd, "wrapped", endsCleanly);
contract(workerd, "hono", endsCleanly);
contract(workerd, "alone", {
  ...endsCleanly,
  "a socket reset in the middle of the body cancels, and the source is canceled once":
    "this workerd does not cancel a JavaScript stream when the client leaves: cloudflare/workerd#6832; wrapped, it is seen",
});
