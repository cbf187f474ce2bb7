import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { Feed } from "../../src/book/feed.js";
import { saveBook } from "../../src/book/feed-state.js";
import { BLOCK_HEAD, BlockPacker, readBlockHead, unpackBlock } from "../../src/store/packed-block.js";
import { type Entry, entryKind } from "../../src/store/segment.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";

type Write = (seq: number) => string;

const tickers = ["KXCOLUMN-A", "KXCOLUMN-B", "KXC", "KXCOLUMN-É"];
const price = fc.oneof(
  { weight: 6, arbitrary: fc.nat(10_000).map((at) => (at / 10_000).toFixed(4)) },
  fc.constantFrom("0.96", "0.960", "1.5000", "", "0.12345678", "-0.1000", "1e-1", "5", "00.5000", "x"),
);
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -5_000, max: 9_000 }).map((at) => (at / 100).toFixed(2)) },
  fc.constantFrom("-0.00", "5", "0.001", "123456789012345.00", "99999999.99", "-", "+1.00", ""),
);
const time = fc.option(
  fc.nat(10_000_000).map((ms) => 1_795_329_089_000 + ms),
  { nil: undefined },
);
const side = fc.oneof({ weight: 9, arbitrary: fc.constantFrom("yes", "no") }, fc.constantFrom("maybe", ""));

const plain: fc.Arbitrary<Write> = fc.tuple(fc.constantFrom(...tickers), side, price, amount, time).map(
  ([ticker, which, at, change, ms]) =>
    (seq) =>
      delta({ sid: 1, seq }, ticker, which as "yes", at, change, ms),
);

/** Shapes besides the usual: other keys, another order, texts with escapes, numbers where texts are, and the other way round. */
const odd: fc.Arbitrary<Write> = fc
  .tuple(fc.nat(11), price, amount, fc.nat(1_000_000))
  .map(([kind, price_dollars, delta_fp, at]) => (seq) => {
    const msg = { market_ticker: "KXCOLUMN-A", price_dollars, delta_fp, side: "yes" };
    const ts = new Date(1_795_329_089_000 + at).toISOString();
    const on = { sid: 1, seq };
    const written: readonly (() => string)[] = [
      () => frame("orderbook_delta", on, { ...msg, ts }),
      () => frame("orderbook_delta", on, { ...msg, ts: at % 3 === 0 ? "no time" : ts }),
      () => frame("orderbook_delta", on, { ...msg, ts, ts_ms: 1_795_329_089_000 + at }),
      () => frame("orderbook_delta", on, { ...msg, client_order_id: `order-${at}` }),
      () => frame("orderbook_delta", on, { ...msg, client_order_id: at % 2 === 0 ? 'a "quote"' : "two\nlines" }),
      () => frame("orderbook_delta", on, { ...msg, extra: at % 2 === 0 ? at : at / 8 }),
      () => frame("orderbook_delta", on, { ...msg, extra: -at, ts_ms: at % 2 === 0 ? -at : at }),
      () => frame("orderbook_delta", on, { ...msg, price_dollars: at / 1_000_000 }),
      () => `{"seq":${seq},"sid":1,"msg":${JSON.stringify(msg)},"type":"orderbook_delta"}`,
      () => `{"type":"orderbook_delta","sid":1,"seq":${at % 2 === 0 ? seq : `0${seq}`},"msg":${JSON.stringify(msg)}}`,
      () => frame("orderbook_delta", { ...on, id: at }, msg),
      () => `{"type":"orderbook_delta","sid":1,"seq":${seq},"msg":{"market_ticker":"KXCOL`,
    ];
    return written[kind]!();
  });

const between: fc.Arbitrary<Write> = fc.oneof(
  fc
    .constantFrom(...tickers)
    .map((ticker) => (seq: number) => snapshot({ sid: 1, seq }, ticker, [["0.4000", "50.00"]], [["0.3000", "7.25"]])),
  fc.constant((seq: number) => frame("ok", { id: 3, sid: 1, seq }, { market_tickers: tickers })),
  fc.constant((seq: number) => frame("something_new", { sid: 1, seq }, { market_ticker: "KXCOLUMN-A", n: seq })),
  fc.constant(() => "no JSON at all"),
);

/** What comes, and how the count goes on: the next number, one missing, or the same again. */
const streams = fc.array(
  fc.record({
    write: fc.oneof({ weight: 10, arbitrary: plain }, { weight: 4, arbitrary: odd }, { weight: 2, arbitrary: between }),
    step: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2)),
    // Whole patterns of a block: as many more of the same kind.
    times: fc.constantFrom(1, 1, 12),
  }),
  { minLength: 1, maxLength: 60 },
);

function textsOf(stream: readonly { write: Write; step: number; times: number }[]): string[] {
  let seq = 0;
  const texts = [subscribed(1)];
  for (const { write, step, times } of stream) {
    for (let i = 0; i < times; i += 1) {
      seq += i === 0 ? step : 1;
      texts.push(write(seq));
    }
  }
  return texts;
}

function packed(texts: readonly string[]): readonly Entry[] {
  const entries = texts.map((text, at) => ({
    kind: entryKind.text,
    time: 1_795_329_089_000_000 + at * 1_000,
    nanos: 0,
    body: Buffer.from(text),
  }));
  const block = new BlockPacker().pack(entries);
  return [...unpackBlock(readBlockHead(block)!, block.subarray(BLOCK_HEAD))!];
}

/** All that a feed makes of frames. */
function outcome(useYesPrice: boolean, run: (feed: Feed) => void) {
  const events: BookEvent[] = [];
  const feed = new Feed((event) => events.push(event));
  feed.connected({ connection: 1, receivedAt: 1_795_329_089_000_000, useYesPrice, tickers });
  run(feed);
  return { events, books: [...feed.books.values()].map(saveBook), state: feed.save() };
}

describe("books out of the columns of a packed block", () => {
  it("are the same as out of the texts, with the same events, gaps and counts, whatever comes", () => {
    fc.assert(
      fc.property(streams, fc.boolean(), (stream, useYesPrice) => {
        const texts = textsOf(stream);
        const entries = packed(texts);
        const long = outcome(useYesPrice, (feed) => {
          for (const [at, text] of texts.entries()) feed.push(text, entries[at]!.time);
        });
        const quick = outcome(useYesPrice, (feed) => {
          for (const entry of entries) feed.play(entry);
        });
        expect(quick).toEqual(long);
        const looked = outcome(useYesPrice, (feed) => {
          for (const entry of entries) {
            feed.look(entry);
            feed.play(entry);
          }
        });
        expect(looked).toEqual(long);
      }),
      { numRuns: 150 },
    );
  });

  it("are made without the texts of plain deltas", () => {
    const texts = Array.from({ length: 100 }, (_, at) =>
      delta({ sid: 1, seq: at + 1 }, "KXCOLUMN-A", "yes", (at / 100).toFixed(4), "1.00", 1_795_329_089_000 + at),
    );
    const feed = new Feed(() => {});
    feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false, tickers: [] });
    for (const entry of packed(texts)) {
      Object.defineProperty(entry, "body", {
        get: () => {
          throw new Error("the text was made");
        },
      });
      feed.play(entry);
    }
    expect(feed.counts.frames).toBe(100);
    expect(feed.book("KXCOLUMN-A")!.yes.levels()).toHaveLength(100);
  });
});
