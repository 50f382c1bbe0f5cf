// Every sentence of the contract, by whose promises it is after, in the order of the table.
import { django as djangoInside } from "./inside/django.ts";
import type { Inside } from "./inside/inside.ts";
import { nextAfter as nextAfterInside } from "./inside/next-after.ts";
import { onFinished as onFinishedInside } from "./inside/on-finished.ts";
import { ownBodies as ownBodiesInside } from "./inside/own-bodies.ts";
import { ownCallbacks } from "./inside/own-callbacks.ts";
import { ownFaces } from "./inside/own-faces.ts";
import { ownMiddleware as ownMiddlewareInside } from "./inside/own-middleware.ts";
import { rack as rackInside } from "./inside/rack.ts";
import { starlette as starletteInside } from "./inside/starlette.ts";
import { werkzeug as werkzeugInside } from "./inside/werkzeug.ts";
import type { Sentence } from "./sentence.ts";
import { django } from "./sentences/django.ts";
import { h3 } from "./sentences/h3.ts";
import { http2 } from "./sentences/http2.ts";
import { nextAfter } from "./sentences/next-after.ts";
import { onFinished } from "./sentences/on-finished.ts";
import { ownBodies } from "./sentences/own-bodies.ts";
import { ownEndings } from "./sentences/own-endings.ts";
import { ownLeaving } from "./sentences/own-leaving.ts";
import { ownMiddleware } from "./sentences/own-middleware.ts";
import { rack } from "./sentences/rack.ts";
import { serviceWorkers, waiting } from "./sentences/service-workers.ts";
import { starlette } from "./sentences/starlette.ts";
import { werkzeug } from "./sentences/werkzeug.ts";

export interface Group {
  readonly title: string;
  /** About the object, told inside of the host. */
  readonly inside: readonly Inside[];
  /** Checked over HTTP. */
  readonly http: readonly Sentence[];
}

export const catalogue: readonly Group[] = [
  { title: "After jshttp/on-finished", inside: onFinishedInside, http: onFinished },
  { title: "After h3's `onDispose`", inside: [], http: h3 },
  { title: "After Next.js' `after()`", inside: nextAfterInside, http: nextAfter },
  { title: "After Starlette's background tasks", inside: starletteInside, http: starlette },
  { title: "After Rack", inside: rackInside, http: rack },
  { title: "After Werkzeug and PEP 3333", inside: werkzeugInside, http: werkzeug },
  { title: "After Django's `request_finished` and `close()`", inside: djangoInside, http: django },
  { title: "After service workers, and platforms that wait", inside: [], http: [...serviceWorkers, ...waiting] },
  { title: "Our own: callbacks and endings", inside: ownCallbacks, http: [...ownEndings, ...ownLeaving, ...http2] },
  { title: "Our own: middleware", inside: ownMiddlewareInside, http: ownMiddleware },
  { title: "Our own: bodies", inside: [...ownBodiesInside, ...ownFaces], http: ownBodies },
];

/** All sentences about the object. */
export const inside: readonly Inside[] = catalogue.flatMap((group) => group.inside);

/** All sentences that are checked over HTTP. */
export const sentences: readonly Sentence[] = catalogue.flatMap((group) => group.http);
