import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { argument, serve } from "../child.js";

/** A bare socket server that sends everybody the same ready text, so many times a second; the measure of what sending itself costs. */
const { perSecond, text } = argument<{ perSecond: number; text: string }>();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
await new Promise((resolve) => server.once("listening", resolve));

const EVERY_MS = 10;
let begun: number | null = null;
let sent = 0;
setInterval(() => {
  if (begun === null) return;
  const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
  for (; sent < due; sent += 1) for (const client of server.clients) client.send(text);
}, EVERY_MS);

serve(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, (question) => {
  if (question === "start") begun = performance.now();
  if (question === "stop") begun = null;
  return { cpu: process.cpuUsage(), deltas: sent };
});
