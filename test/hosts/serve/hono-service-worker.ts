import type { Hono } from "hono";
import { fire } from "hono/service-worker";
import { createHonoFetch } from "../hono-app.ts";

// Asks no network for what the app does not have.
fire({ fetch: createHonoFetch() } as Hono, {});
