import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { Feed, type FeedOptions } from "../../src/book/feed.js";
import { delta, frame, snapshot, subscribed } from "../support/frames.js";

const tickers = ["KXTEST-26NOV22-T5", "KXTEST-26NOV22-T6.5", "KXTEST-26NOV22-B7", "SHORT"];

/** What happens to a stream of deltas: mostly nothing. */
const step = fc.record({
  ticker: fc.constantFrom(...tickers),
  side: fc.constantFrom("yes", "no"),
  price: fc.constantFrom("0.4000", "0.41", "0.4005", "0.400001", "1.5000", "-0.1000", "0.4000000"),
  amount: fc.constantFrom("5.00", "-5.00", "0.25", "-0.25", "12", "1000000.00"),
  time: fc.option(fc.nat(100_000).map((ms) => 1_795_329_000_000 + ms)),
  /** How far the number is from the next one. */
  jump: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, -1, -2),
  kind: fc.constantFrom(
    "delta",
    "delta",
    "delta",
    "delta",
    "delta",
    "delta",
    "snapshot",
    "ok",
    "broken",
    "own",
    "other",
  ),
  byte: fc.nat(255),
  at: fc.nat(250),
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function streamOf(steps: readonly Step[]): Buffer[] {
  let seq = 0;
  const all = [Buffer.from(subscribed(1))];
  for (const { ticker, side, price, amount, time, jump, kind, byte, at } of steps) {
    seq = Math.max(1, seq + 1 + jump);
    const on = { sid: 1, seq };
    const text = delta(on, ticker, side as "yes" | "no", price, amount, time ?? undefined);
    if (kind === "snapshot") all.push(Buffer.from(snapshot(on, ticker, [["0.4000", "5.00"]], [["0.4100", "9.25"]])));
    else if (kind === "ok") all.push(Buffer.from(frame("ok", { ...on, id: 3 }, { market_tickers: tickers })));
    else if (kind === "own") all.push(Buffer.from(text.replace("}}", ',"client_order_id":"mine"}}')));
    else if (kind === "other") all.push(Buffer.from(text.replace('"msg":', '"sending_ts_ms":1795329000001,"msg":')));
    else if (kind === "broken") {
      const bytes = Buffer.from(text);
      bytes[at % bytes.length] = byte;
      all.push(bytes);
    } else all.push(Buffer.from(text));
  }
  return all;
}

function played(frames: readonly (Buffer | string)[], useYesPrice: boolean, options?: FeedOptions) {
  const events: BookEvent[] = [];
  const feed = new Feed((event) => events.push(event), options);
  feed.connected({ connection: 1, receivedAt: 1_795_329_000_000_000, useYesPrice, tickers });
  let now = 1_795_329_000_000_000;
  for (const one of frames) {
    now += 700;
    feed.push(one, now);
  }
  const books = [...feed.books.values()].map((book) => ({
    ...book.toJSON(),
    time: book.time,
    receivedAt: book.receivedAt,
    best: [book.yes.best, book.no.best],
  }));
  return { events, books, counts: feed.counts, state: feed.save() };
}

describe("Feed", () => {
  it("gives of bytes exactly what it gives of text, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), fc.boolean(), (steps, useYesPrice) => {
        const bytes = streamOf(steps);
        const texts = bytes.map((one) => one.toString("utf8"));
        expect(played(bytes, useYesPrice)).toEqual(played(texts, useYesPrice));
      }),
      { numRuns: 400 },
    );
  });

  it("reads a frame where it stands among others", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const frames = streamOf(steps);
        const whole = Buffer.concat(frames);
        const events: BookEvent[] = [];
        const feed = new Feed((event) => events.push(event));
        feed.connected({ connection: 1, receivedAt: 1_795_329_000_000_000, useYesPrice: false, tickers });
        let at = 0;
        let now = 1_795_329_000_000_000;
        for (const { length } of frames) {
          now += 700;
          feed.push(whole, now, at, at + length);
          at += length;
        }
        expect(events).toEqual(played(frames, false).events);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the same books, and tells the same of everything else, where nobody wants deltas", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const frames = streamOf(steps);
        const { events, ...rest } = played(frames, false);
        expect(played(frames, false, { deltas: false })).toEqual({
          events: events.filter(({ type }) => type !== "delta"),
          ...rest,
        });
      }),
      { numRuns: 200 },
    );
  });
});
