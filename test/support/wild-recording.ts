import fc from "fast-check";
import { Continued } from "../../src/recorder/continued.js";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, frame, snapshot, subscribed, type WireLevel } from "./frames.js";

export const wildTickers = ["KX-A-T1.5", "KX-B", "KX-C-B38.5"] as const;

const ticker = fc.constantFrom(...wildTickers);
const price = fc.constantFrom("0.0100", "0.3000", "0.3150", "0.4000", "0.4001", "0.5", "0.123456", "0.9900");
const levels = fc.uniqueArray(
  fc.tuple(price, fc.constantFrom("1.00", "0.01", "12.34", "7.50")).map(([p, count]): WireLevel => [p, count]),
  { maxLength: 4, selector: ([p]) => Number(p) },
);
const connectAgain = fc.record({ op: fc.constant("connect" as const), useYesPrice: fc.boolean(), ends: fc.boolean() });
const often = fc.record({
  op: fc.constant("delta" as const),
  ticker,
  side: fc.constantFrom("yes" as const, "no" as const),
  price,
  amount: fc.constantFrom<string>("1.00", "5.00", "0.37", "100.00", "-0.37", "-1.00", "-12.34"),
  ms: fc.constantFrom<number>(0, 0, 1, 2, 7),
  lagMs: fc.constantFrom<number>(-4, 3, 5, 11),
});
const whole = fc.record({
  op: fc.constant("snapshot" as const),
  ticker,
  yes: levels,
  no: levels,
  isAnswer: fc.boolean(),
  isSent: fc.boolean(),
  ms: fc.constantFrom(0, 1, 20),
});
const seldom = fc.oneof(
  fc.record({ op: fc.constantFrom("skip", "double", "nonsense", "hole", "repaired") }),
  fc.record({ op: fc.constantFrom("closed", "cut") }),
  fc.record({ op: fc.constant("clock" as const), ms: fc.integer({ min: -40, max: 40 }) }),
  fc.record({ op: fc.constant("listed" as const), tickers: fc.subarray([...wildTickers]) }),
  fc.record({ op: fc.constant("refused" as const) }),
  connectAgain,
);
const other = fc.record({ op: fc.constantFrom("trade", "ticker") });

/** What happens in a recording, one after the other; nothing keeps to what the exchange would do. */
export const wildSteps = fc.array(
  fc.oneof(
    { weight: 60, arbitrary: often },
    { weight: 10, arbitrary: whole },
    { weight: 8, arbitrary: other },
    { weight: 6, arbitrary: seldom },
  ),
  { minLength: 20, maxLength: 260, size: "max" },
);

const calm = fc.record({
  op: fc.constant("delta" as const),
  ticker,
  side: fc.constantFrom("yes" as const, "no" as const),
  price,
  amount: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom<string>("1.00", "5.00", "0.37", "100.00", "12.34") },
    fc.constantFrom<string>("-0.37", "-1.00"),
  ),
  ms: fc.oneof({ weight: 90, arbitrary: fc.constantFrom<number>(0, 1, 2, 7) }, fc.constant<number>(65_000)),
  lagMs: fc.oneof({ weight: 90, arbitrary: fc.constant<number>(11) }, fc.constantFrom<number>(3, 900)),
});

/** Mostly what an exchange does: all books, then levels that grow and shrink in their time, and now and then something happens. */
export const calmSteps = fc
  .array(
    fc.oneof(
      { weight: 400, arbitrary: calm },
      { weight: 20, arbitrary: whole },
      { weight: 6, arbitrary: other },
      { weight: 2, arbitrary: seldom },
    ),
    { minLength: 100, maxLength: 600, size: "max" },
  )
  .chain((steps) =>
    fc
      .tuple(whole, whole, whole)
      .map((first) => [...first.map((one, at) => ({ ...one, ticker: wildTickers[at]!, isAnswer: false })), ...steps]),
  );

type Steps = typeof wildSteps extends fc.Arbitrary<infer T> ? T : never;

/** Writes a recording of such steps in small segments. Returns the exchange's first and last millisecond. */
export async function writeWild(dir: string, steps: Steps, maxBytes: number): Promise<readonly [number, number]> {
  const continued = new Continued();
  let writer: SegmentWriter | null = null;
  const preamble = () => {
    const current = continued.at(writer?.written ?? 0);
    return current === null ? null : { time: at(), body: writeMark(current) };
  };
  writer = await SegmentWriter.open({ dir, maxBytes, preamble });
  let nowMs = 1_795_329_089_000;
  const firstMs = nowMs;
  let clockMs = 2;
  let lag = 3;
  let seq = 0;
  let id = 0;
  let connection = 0;
  let batch = 0;
  let isOpen = false;
  const at = (): number => (nowMs + clockMs + lag) * 1000 + (batch % 7);
  const put = (kind: number, body: string | Buffer): void => {
    writer.append(kind, at(), 0, typeof body === "string" ? Buffer.from(body) : body);
    batch += 1;
    if (batch % 3 === 0) writer.flush();
  };
  const mark = (what: Mark): void => put(entryKind.mark, writeMark(what));
  const send = (text: string): void => put(entryKind.text, text);
  const connect = (useYesPrice: boolean): void => {
    connection += 1;
    seq = 0;
    isOpen = true;
    const names = { tickers: wildTickers.slice(0, 2), channels: ["orderbook_delta"] };
    const current = { id: `run/${connection}`, use_yes_price: useYesPrice, ...names };
    continued.turned(writer.taken, { mark: "continue", ...current });
    mark({ mark: "connect", ...current });
    send(subscribed(1));
  };
  const disconnect = (reason: string): void => {
    if (!isOpen) return;
    isOpen = false;
    continued.turned(writer.taken, null);
    mark({ mark: "disconnect", id: `run/${connection}`, reason, code: 1006, last_heard: at() - 900 });
  };
  connect(false);
  for (const step of steps) {
    if (!isOpen && step.op !== "connect") connect(connection % 2 === 1);
    switch (step.op) {
      case "delta":
        nowMs += step.ms;
        lag = step.lagMs;
        seq += 1;
        send(delta({ sid: 1, seq }, step.ticker, step.side, step.price, step.amount, nowMs));
        break;
      case "snapshot": {
        nowMs += step.ms;
        seq += 1;
        id += 1;
        const text = snapshot(
          { sid: 1, seq, ...(step.isAnswer ? { id } : {}) },
          step.ticker,
          [...step.yes].sort((a, b) => Number(a[0]) - Number(b[0])),
          [...step.no].sort((a, b) => Number(a[0]) - Number(b[0])),
        );
        send(step.isSent ? text.replace('{"type"', `{"sending_ts_ms":${nowMs},"type"`) : text);
        break;
      }
      case "trade":
        send(frame("trade", { sid: 2, seq: batch }, { market_ticker: "KX-B", ts_ms: nowMs }));
        break;
      case "ticker":
        send(frame("ticker", { sid: 3 }, { market_ticker: "KX-Z", ts_ms: nowMs }));
        break;
      case "skip":
        seq += 2;
        break;
      case "double":
        send(delta({ sid: 1, seq }, "KX-B", "yes", "0.3000", "1.00", nowMs));
        break;
      case "nonsense":
        send(
          batch % 2 === 0 ? "no json 12" : '{"type":"orderbook_delta","sid":1,"seq":3,"msg":{"market_ticker":"KX-B"}}',
        );
        break;
      case "hole":
        mark({ mark: "hole", from: at() - 5_000, to: at(), frames: 3, bytes: 900, reason: "DISK_FULL" });
        break;
      case "repaired":
        mark({ mark: "repaired", segment: 1, bytes: 4 });
        break;
      case "closed":
      case "cut":
        disconnect(step.op);
        break;
      case "clock":
        clockMs += step.ms;
        break;
      case "listed":
        seq += 1;
        send(frame("ok", { id: 9, sid: 1, seq }, { market_tickers: step.tickers }));
        break;
      case "refused":
        seq += 1;
        send(frame("error", { sid: 1, seq }, { code: 25, msg: "slow" }));
        break;
      case "connect":
        if (step.ends) disconnect("cut");
        connect(step.useYesPrice);
    }
  }
  writer.close();
  return [firstMs, nowMs];
}
