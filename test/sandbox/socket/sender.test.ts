import { describe, expect, it } from "vitest";
import { createSender, type Sender } from "../../../src/sandbox/socket/sender.js";
import type { Subscription } from "../../../src/sandbox/socket/subscription.js";
import { MEMBER, tinyEngine, tinyMarket, tinyWorld } from "../../support/tiny-world.js";

/** A sender to a reader that takes bytes only when the test says so, with 1,000 of patience. */
function reader(): { sender: Sender; pending: number; isCut: boolean; tell(): boolean } {
  const state = { pending: 0, isCut: false };
  const outlet = {
    send: (frame: string) => {
      state.pending += frame.length;
    },
    hold: () => undefined,
    pending: () => state.pending,
    isSilent: () => false,
    sent: () => 0,
    cut: () => {
      state.isCut = true;
    },
  };
  const engine = tinyEngine(tinyWorld([tinyMarket({ ticker: "A" })]));
  const sender = createSender({
    ...{ id: 1, engine, userId: MEMBER.userId, outlet, maxPendingBytes: 1_000 },
    end: () => undefined,
  });
  const subscription: Subscription = {
    ...{ sid: 1, channel: "trade", userId: MEMBER.userId, useYesPrice: false, skipTickerAck: false },
    ...{ markets: null, ids: new Set<string>(), seq: 0, tell: () => undefined },
  };
  return Object.assign(state, {
    sender,
    tell: () => sender.tell(subscription, { type: "trade", ticker: "A", tail: `,"msg":"${"x".repeat(200)}"}\n` }),
  });
}

describe("a sender", () => {
  it("tells a reader until too much is left unread, and again once that is taken", () => {
    const slow = reader();
    const told = Array.from({ length: 8 }, () => slow.tell());
    expect(told).toEqual([true, true, true, true, true, false, false, false]);
    slow.pending = 0;
    expect(slow.tell()).toBe(true);
  });

  it("does not take books that were asked for as slowness, until they have been taken", () => {
    const busy = reader();
    for (let n = 0; n < 20; n += 1) busy.sender.answer({ type: "orderbook_snapshot", sid: 1 }, "x".repeat(500));
    expect(busy.pending).toBeGreaterThan(10_000);
    expect(busy.tell()).toBe(true);
    busy.pending = 900;
    expect(busy.tell()).toBe(true);
    expect(busy.tell()).toBe(false);
  });

  it("cuts a connection that asks and asks and takes nothing", () => {
    const deaf = reader();
    for (let n = 0; n < 100 && !deaf.isCut; n += 1) deaf.sender.answer({ type: "ok", id: 1 }, "x".repeat(500));
    expect(deaf.isCut).toBe(true);
    expect(deaf.pending).toBeGreaterThan(32_000);
    expect(deaf.pending).toBeLessThan(34_000);
  });
});
