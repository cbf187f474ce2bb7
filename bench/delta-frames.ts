import { seeded } from "../test/support/seeded.js";

/** How far from the best price of its side a delta falls, in ticks, and how often; −1 improves it. As seen on busy markets. */
const DISTANCES: readonly (readonly [number, number, number])[] = [
  [0.01, -1, -1],
  [0.33, 0, 0],
  [0.5, 1, 1],
  [0.74, 2, 4],
  [0.87, 5, 9],
  [1, 10, 40],
];

/** Deltas in the exchange's shape over many markets, few of them busy, a fifth of them below the cent, none below zero. */
export function* deltaFrames(count: number, markets: number, firstSeq = 1): Generator<string> {
  const random = seeded(7);
  const sides = new Map<string, { best: number; readonly levels: Map<number, number> }>();
  for (let seq = firstSeq; seq < firstSeq + count; seq += 1) {
    const market = Math.floor(markets * random() ** 3);
    const ticker = benchTicker(market);
    const name = random() < 0.5 ? "yes" : "no";
    // Ticks of a cent, or of a tenth of one.
    const scale = market % 5 === 0 ? 1000 : 100;
    let side = sides.get(ticker + name);
    if (side === undefined) {
      side = { best: Math.round(scale * 0.45), levels: new Map() };
      sides.set(ticker + name, side);
    }
    const at = random();
    const [, nearest, furthest] = DISTANCES.find(([below]) => at < below)!;
    const distance = nearest + Math.floor(random() * (furthest - nearest + 1));
    const tick = Math.min(Math.max(side.best - distance, 1), Math.round(scale * 0.55));
    const there = side.levels.get(tick) ?? 0;
    let change = Math.ceil(10 ** (random() * 4)) * (random() < 0.13 ? 37 : 100);
    if (there > 0 && random() < 0.55) change = random() < 0.13 ? -there : -Math.ceil(there * random());
    side.levels.set(tick, there + change);
    if (there + change === 0) side.levels.delete(tick);
    if (tick > side.best) side.best = tick;
    while (side.best > scale * 0.4 && !side.levels.has(side.best)) side.best -= 1;
    const ms = 1_795_329_089_000 + seq;
    const id = `0f0f0f0f-1111-4222-8333-${String(market).padStart(12, "0")}`;
    const text = `{"type":"orderbook_delta","sid":1,"seq":${seq},"msg":{"market_ticker":"${ticker}","market_id":"${id}","price_dollars":"${(tick / scale).toFixed(4)}","delta_fp":"${(change / 100).toFixed(2)}","side":"${name}","ts":"${new Date(ms).toISOString().replace("Z", "457Z")}","ts_ms":${ms}}}\n`;
    // Through bytes, so that the text is flat, as a socket gives it.
    yield Buffer.from(text).toString("latin1");
  }
}

export function benchTicker(market: number): string {
  return `KXBENCH-26NOV22-T${market}.5`;
}

/** The frame before a market's deltas: its book, without a level. */
export function emptyBook(market: number): string {
  const head = `{"type":"orderbook_snapshot","sid":1,"seq":${market + 1}`;
  return `${head},"msg":{"market_ticker":"${benchTicker(market)}"},"sending_ts_ms":1795329089000}\n`;
}
