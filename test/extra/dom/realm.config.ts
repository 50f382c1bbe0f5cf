import root from "../../../vitest.config.ts";

export default {
  // Its names for the package: the sources. (By the type of this folder's own Vitest it would be another configuration.)
  resolve: (root as { resolve?: object }).resolve,
  root: import.meta.dirname,
  test: { include: ["realm.spec.ts"] },
};
