import { newestWorkerd } from "../hosts/workerd.ts";
import { alone, flushed, type Host, handedOver } from "./host.ts";
import { available, onChromium } from "./hosts/chromium.ts";
import { onNext } from "./hosts/next.ts";
import { asScript, onBun, onDeno, onNode } from "./hosts/process.ts";
import { onWorkerd } from "./hosts/workerd.ts";
import { http2Client } from "./http2-client.ts";

const node = { ways: { alone, wrapped: flushed }, head: "read", sockets: true } as const;

const handed = { ...node, ways: { alone, handed: flushed } } as const;

const srvx = { closes: true } as const;

/** Every host of the contract, in the order of the table. */
export const hosts = {
  "node-20": { ...node, name: "Node 20", start: () => onNode("node-20", "node") },
  "node-24": {
    ...node,
    name: "Node 24",
    ways: { ...node.ways, hono: flushed },
    start: () => onNode("node-24", "node"),
  },
  "node-26": { ...node, name: "Node 26", start: () => onNode("node-26", "node") },
  "node-native": {
    ...node,
    name: "Node 24, native `Response`",
    start: () => onNode("node-24", "node-native"),
  },
  http2: {
    ...node,
    name: "Node 24, HTTP/2",
    http2: true,
    start: () => onNode("node-24", "http2", http2Client),
  },
  express: { ...handed, name: "Express 5", head: "canceled", start: () => asScript("express") },
  fastify: { ...handed, name: "Fastify 5", start: () => asScript("fastify") },
  bun: {
    name: "Bun",
    ways: { alone, wrapped: handedOver, hono: alone },
    head: "canceled",
    sockets: true,
    start: () => onBun("bun"),
  },
  deno: {
    name: "Deno",
    ways: { alone, wrapped: handedOver, hono: handedOver },
    head: "read",
    sockets: true,
    start: () => onDeno("deno"),
  },
  "workerd-newest": {
    name: "workerd, newest",
    ways: { alone, wrapped: handedOver, hono: handedOver },
    head: "read",
    sockets: true,
    start: () => onWorkerd(newestWorkerd),
  },
  workerd: {
    name: "workerd of miniflare",
    ways: { alone, wrapped: handedOver, hono: handedOver },
    head: "read",
    sockets: true,
    start: () => onWorkerd(),
  },
  "srvx-node": {
    name: "srvx on Node",
    ...srvx,
    ways: { alone, wrapped: flushed, middleware: flushed },
    head: "canceled",
    sockets: true,
    start: () => onNode("node-24", "srvx"),
  },
  "srvx-bun": {
    name: "srvx on Bun",
    ...srvx,
    ways: { alone, wrapped: handedOver, middleware: handedOver },
    head: "canceled",
    sockets: true,
    start: () => onBun("srvx"),
  },
  "srvx-deno": {
    name: "srvx on Deno",
    ...srvx,
    ways: { alone, wrapped: handedOver, middleware: handedOver },
    head: "read",
    sockets: true,
    start: () => onDeno("srvx"),
  },
  next: {
    name: "Next 16",
    ways: { alone, wrapped: alone },
    head: "canceled",
    sockets: true,
    start: onNext,
  },
  "edge-runtime": {
    name: "Vercel's edge-runtime",
    waits: ["alone", "wrapped"],
    ways: { alone, wrapped: alone },
    head: "read",
    sockets: true,
    start: () => asScript("edge-runtime"),
  },
  "service-worker": {
    name: "service worker in Chromium",
    waits: ["wrapped"],
    ways: { alone, wrapped: alone },
    head: "read",
    sockets: false,
    available,
    start: onChromium,
  },
} as const satisfies Record<string, Host>;
