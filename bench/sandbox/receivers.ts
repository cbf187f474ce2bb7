import { createPrivateKey, sign } from "node:crypto";
import { WebSocket } from "ws";
import { argument, serve } from "../child.js";

/** Many sockets in one process, each subscribed to some markets. Counts what comes, and what is missing by the numbers. */
export interface ReceiversOptions {
  readonly url: string;
  /** Absent for a server that wants none, and then nothing is subscribed to either. */
  readonly key: { readonly id: string; readonly pem: string } | null;
  /** One connection for each list of markets. */
  readonly markets: readonly (readonly string[])[];
}

export interface Received {
  readonly cpu: NodeJS.CpuUsage;
  readonly connections: number;
  /** Over all connections. */
  readonly deltas: number;
  readonly fewest: number;
  /** Numbers that were missing or came again. */
  readonly holes: number;
  /** Milliseconds between queued and read, above the least of the run, for the middle and the hundredth. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly max: number };
}

const { url, key, markets } = argument<ReceiversOptions>();
const PATH = "/trade-api/ws/v2";
const counts: number[] = markets.map(() => 0);
const delays = new Map<number, number>();
let holes = 0;
let open = 0;

for (const [n, tickers] of markets.entries()) {
  const socket = new WebSocket(url, { headers: key === null ? {} : headers(key), perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  open += 1;
  socket.once("close", () => {
    open -= 1;
  });
  await listen(socket, n, tickers);
}

serve("ready", (): Received => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const cpu = process.cpuUsage();
  return { cpu, connections: open, deltas: total, fewest: Math.min(...counts), holes, lag: lag() };
});

/** Counts what a socket is sent; resolves once the first books are there. */
function listen(socket: WebSocket, n: number, tickers: readonly string[]): Promise<void> {
  let seq = 0;
  let books = 0;
  return new Promise((resolve) => {
    socket.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; seq?: number; sending_ts_ms?: number };
      if (frame.type === "orderbook_delta") counts[n]! += 1;
      if (frame.seq !== undefined && key !== null) {
        if (frame.seq !== seq + 1) holes += 1;
        seq = frame.seq;
      }
      if (frame.type === "orderbook_snapshot") books += 1;
      if (books === tickers.length) resolve();
      const delay = Date.now() - (frame.sending_ts_ms ?? 0);
      delays.set(delay, (delays.get(delay) ?? 0) + 1);
    });
    if (key === null) resolve();
    else {
      const params = { channels: ["orderbook_delta"], market_tickers: tickers };
      socket.send(JSON.stringify({ id: 1, cmd: "subscribe", params }));
    }
  });
}

function lag(): Received["lag"] {
  const sorted = [...delays].sort(([a], [b]) => a - b);
  const least = sorted[0]?.[0] ?? 0;
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const at = (share: number): number => {
    let seen = 0;
    for (const [delay, count] of sorted) {
      seen += count;
      if (seen >= share * total) return delay - least;
    }
    return 0;
  };
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function headers({ id, pem }: { id: string; pem: string }): Record<string, string> {
  const now = Date.now();
  const signature = sign(null, Buffer.from(`${now}GET${PATH}`), createPrivateKey(pem)).toString("base64");
  return {
    "KALSHI-ACCESS-KEY": id,
    "KALSHI-ACCESS-TIMESTAMP": String(now),
    "KALSHI-ACCESS-SIGNATURE": signature,
  };
}
