import { contract } from "./contract.ts";
import { hosts } from "./hosts.ts";

contract(hosts["node-native"]);
