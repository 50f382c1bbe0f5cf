import { django } from "./django.ts";
import type { Inside } from "./inside.ts";
import { nextAfter } from "./next-after.ts";
import { onFinished } from "./on-finished.ts";
import { ownBodies } from "./own-bodies.ts";
import { ownCallbacks } from "./own-callbacks.ts";
import { ownFaces } from "./own-faces.ts";
import { ownMiddleware } from "./own-middleware.ts";
import { rack } from "./rack.ts";
import { starlette } from "./starlette.ts";
import { werkzeug } from "./werkzeug.ts";

/** All sentences about the object. */
export const inside: readonly Inside[] = [
  ...onFinished,
  ...nextAfter,
  ...starlette,
  ...rack,
  ...werkzeug,
  ...django,
  ...ownCallbacks,
  ...ownMiddleware,
  ...ownBodies,
  ...ownFaces,
];
