import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { EventQueue, type QueueOptions } from "../../src/recorder/event-queue.js";
import { sizeOf } from "../../src/recorder/event-size.js";
import { deltaOf, gapOf, snapshotOf, tradeOf } from "../support/events.js";
import { happenings, MS, tickers } from "../support/plain-market.js";
import { RebuiltBooks } from "../support/rebuilt-books.js";

function queueOf(options: Partial<QueueOptions> = {}): EventQueue {
  const { onSlow = "drop_oldest", maxWaiting = 10, maxWaitingBytes = Number.POSITIVE_INFINITY } = options;
  return new EventQueue({ onSlow, maxWaiting, maxWaitingBytes, hold: () => {}, failed: () => {}, ...options });
}

/** Reads until nothing waits. */
async function drained(queue: EventQueue): Promise<BookEvent[]> {
  queue.end();
  const events: BookEvent[] = [];
  for await (const event of queue) events.push(event);
  return events;
}

describe("a queue that drops the oldest", () => {
  it("never holds more than it may, accounts for every event, and leaves the reader's books right whenever they are whole", async () => {
    const turns = fc.array(
      fc.record({ pushed: fc.integer({ min: 0, max: 30 }), read: fc.integer({ min: 0, max: 12 }) }),
    );
    await fc.assert(
      fc.asyncProperty(happenings, turns, fc.integer({ min: 1, max: 40 }), async (events, order, maxWaiting) => {
        const queue = queueOf({ maxWaiting });
        const reader = new RebuiltBooks();
        /** Books by every event up to the one that the reader had last, dropped ones too. */
        const all = new RebuiltBooks();
        let [pushed, read, dropped, applied] = [0, 0, 0, 0];
        const take = (event: BookEvent): void => {
          reader.take(event);
          if (event.type === "gap" && event.reason === "slow_reader") {
            if (event.to === null) dropped += event.dropped ?? Number.NaN;
          } else if (events.includes(event)) read += 1;
          while (applied < read + dropped) {
            all.take(events[applied]!);
            applied += 1;
          }
          for (const ticker of tickers) {
            const levels = reader.levels(ticker);
            if (levels !== null) expect(levels).toBe(all.levels(ticker));
          }
        };
        for (const turn of order) {
          for (const event of events.slice(pushed, pushed + turn.pushed)) {
            queue.push(event);
            pushed += 1;
            expect(queue.waiting).toBeLessThanOrEqual(maxWaiting);
          }
          for (let at = 0; at < turn.read && queue.waiting > 0; at += 1) take((await queue.next()).value as BookEvent);
        }
        for (const event of await drained(queue)) take(event);
        expect(read + dropped).toBe(pushed);
        for (const ticker of tickers) expect(reader.levels(ticker)).toBe(all.levels(ticker));
      }),
      { numRuns: 200 },
    );
  });

  it("tells how many events of which markets and what time, gives their books where reading goes on, and the end", async () => {
    const queue = queueOf({ maxWaiting: 4 });
    const events = [
      snapshotOf(1 * MS, [[400_000, 100]], [[500_000, 100]]),
      snapshotOf(1 * MS, [[300_000, 100]], [], { ticker: "B" }),
      deltaOf(2 * MS, "yes", 410_000, 50),
      tradeOf(3 * MS, 450_000, 100, "yes", { ticker: "C" }),
      deltaOf(4 * MS, "yes", 420_000, 50),
      deltaOf(5 * MS, "yes", 430_000, 50),
    ];
    for (const event of events) queue.push(event);
    const told = await drained(queue);
    expect(told).toMatchObject([
      {
        type: "gap",
        reason: "slow_reader",
        dropped: 3,
        tickers: ["A", "B"],
        from: 1 * MS,
        to: null,
        recoveredBy: null,
      },
      {
        type: "snapshot",
        ticker: "A",
        time: 2 * MS,
        sequence: null,
        yes: [{ price: 400_000 }, { price: 410_000, count: 50 }],
      },
      { type: "snapshot", ticker: "B", yes: [{ price: 300_000 }], no: [] },
      {
        type: "gap",
        reason: "slow_reader",
        dropped: 3,
        tickers: ["A", "B"],
        from: 1 * MS,
        to: 2 * MS,
        recoveredBy: "snapshot",
      },
      { type: "trade", ticker: "C" },
      { type: "delta", price: 420_000 },
      { type: "delta", price: 430_000 },
    ]);
  });

  it("gives no book that the feed itself does not know: that one is made good by the feed", async () => {
    const queue = queueOf({ maxWaiting: 2 });
    const events = [
      snapshotOf(1 * MS, [[400_000, 100]], []),
      gapOf(2 * MS, ["A"]),
      deltaOf(3 * MS, "yes", 420_000, 50, { state: "stale" }),
      snapshotOf(4 * MS, [[440_000, 100]], []),
    ];
    for (const event of events) queue.push(event);
    const told = await drained(queue);
    expect(told.map(({ type }) => type)).toEqual(["gap", "delta", "snapshot"]);
    expect(told[0]).toMatchObject({ reason: "slow_reader", dropped: 2, to: null });
  });
});

describe("a queue that lets the source wait", () => {
  it("holds it at the limit, and lets it go on when half has been read", async () => {
    const held: boolean[] = [];
    const queue = queueOf({ onSlow: "wait", maxWaiting: 10, hold: (isHeld) => held.push(isHeld) });
    for (let at = 0; at < 14; at += 1) queue.push(tradeOf(at, 500_000, 100));
    expect(held).toEqual([true]);
    for (let at = 0; at < 8; at += 1) await queue.next();
    expect(held).toEqual([true]);
    await queue.next();
    expect(held).toEqual([true, false]);
    expect(await drained(queue)).toHaveLength(5);
  });
});

describe("a queue that fails", () => {
  it("fails by count or by bytes, whichever comes first, and says so once it is read", async () => {
    for (const limit of [{ maxWaiting: 20 }, { maxWaitingBytes: 20 * sizeOf(tradeOf(0, 1, 1)), maxWaiting: 1_000 }]) {
      let failed = 0;
      const queue = queueOf({ onSlow: "fail", ...limit, failed: () => (failed += 1) });
      const first = queue.next();
      for (let at = 0; at < 21; at += 1) queue.push(tradeOf(at, 500_000, 100));
      await first;
      expect([failed, queue.waiting]).toEqual([0, 20]);
      queue.push(tradeOf(99, 500_000, 100));
      expect([failed, queue.waiting]).toEqual([1, 0]);
      await expect(queue.next()).rejects.toMatchObject({ code: "SOCKET_CLOSED" });
    }
  });

  it("counts the bytes of what is large: books by their levels, unread texts by their length", () => {
    const levels = Array.from({ length: 200 }, (_, at) => [at * 1_000, 1] as const);
    expect(sizeOf(snapshotOf(0, levels, []))).toBeGreaterThan(20 * sizeOf(tradeOf(0, 1, 1)));
  });
});
