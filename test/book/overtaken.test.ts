import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDelta } from "../../src/book/apply.js";
import { Book } from "../../src/book/book.js";
import { Feed } from "../../src/book/feed.js";
import type { FeedState } from "../../src/book/feed-state.js";
import { delta, snapshot, subscribed } from "../support/frames.js";

const tickers = ["A", "B"] as const;

const step = fc.record({
  ticker: fc.constantFrom(...tickers),
  price: fc.constantFrom("0.4000", "0.1235", "0.9900"),
  amount: fc.constantFrom(100, 37, -37, -100, 250),
  fate: fc.oneof(
    { weight: 10, arbitrary: fc.constant("send" as const) },
    { weight: 1, arbitrary: fc.constantFrom("drop" as const, "late" as const) },
  ),
  /** A reply to get_snapshot comes here, so many frames late. */
  reply: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(4) }),
});

describe("a feed whose frames are lost and overtake each other", () => {
  it("never calls a book ok that is not the exchange's, and has all of them after a reply that nothing overtakes", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), fc.boolean(), (steps, isSaving) => {
        let feed = new Feed(() => {});
        feed.connected({ connection: 1, receivedAt: 0, useYesPrice: false, tickers: [...tickers] });
        const exchange = new Map(tickers.map((ticker) => [ticker, new Book(ticker)] as const));
        /** The exchange's book after each number. */
        const states = new Map<number, string>();
        let seq = 0;
        let id = 0;
        let last = 0;
        const waiting: { text: string; seq: number; frames: number }[] = [];
        const levels = (): string => JSON.stringify([...exchange.values()].map((book) => book.levels()));
        const receive = (text: string, number: number): void => {
          feed.push(text, 0);
          last = Math.max(last, number);
          for (const ticker of tickers) {
            const book = feed.book(ticker);
            if (book?.state !== "ok") continue;
            const then = (JSON.parse(states.get(last)!) as { ticker: string }[]).find((one) => one.ticker === ticker);
            expect(book.levels()).toEqual(then);
          }
          if (!isSaving) return;
          const state = JSON.parse(JSON.stringify(feed.save())) as FeedState;
          const books = [...feed.books.values()];
          feed = new Feed(() => {});
          feed.restore(state, books);
        };
        const send = (text: string, frames: number): void => {
          states.set(seq, levels());
          const due = waiting.filter((one) => {
            one.frames -= 1;
            return one.frames < 0;
          });
          if (frames > 0) waiting.push({ text, seq, frames });
          else receive(text, seq);
          for (const one of due) {
            waiting.splice(waiting.indexOf(one), 1);
            receive(one.text, one.seq);
          }
        };
        const answer = (frames: number): void => {
          id += 1;
          for (const ticker of tickers) {
            seq += 1;
            const { yes_dollars, no_dollars } = exchange.get(ticker)!.toJSON();
            send(snapshot({ id, sid: 1, seq }, ticker, yes_dollars, no_dollars), frames);
          }
        };
        feed.push(subscribed(1), 0);
        answer(0);
        for (const { ticker, price, amount, fate, reply } of steps) {
          try {
            applyDelta(exchange.get(ticker)!, { side: "yes", price: Number(price) * 1e6, delta: amount });
          } catch {
            continue;
          }
          seq += 1;
          states.set(seq, levels());
          if (fate !== "drop") {
            send(delta({ sid: 1, seq }, ticker, "yes", price, (amount / 100).toFixed(2)), fate === "late" ? 2 : 0);
          }
          if (reply !== null) answer(reply);
        }
        answer(0);
        for (const ticker of tickers) expect(feed.book(ticker)!.levels()).toEqual(exchange.get(ticker)!.levels());
      }),
      { numRuns: 300 },
    );
  });
});
