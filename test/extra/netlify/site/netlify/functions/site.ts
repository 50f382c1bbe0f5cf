import { handle } from "../../answers.ts";

export default handle;

export const config = { path: "/function/*" };
