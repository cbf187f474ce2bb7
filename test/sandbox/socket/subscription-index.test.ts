import { describe, expect, it } from "vitest";
import { type ChannelName, channelNames } from "../../../src/sandbox/socket/channel.js";
import type { Subscription } from "../../../src/sandbox/socket/subscription.js";
import { SubscriptionIndex } from "../../../src/sandbox/socket/subscription-index.js";
import { Random } from "../../../src/sandbox/world/random.js";

const TICKERS = ["A", "B", "C", "D", "E"];

function subscription(sid: number, channel: ChannelName, markets: Set<string> | null): Subscription {
  const ids = new Set<string>();
  return { sid, channel, markets, ids, userId: "", useYesPrice: false, skipTickerAck: false, seq: 0, tell() {} };
}

describe("the index of subscriptions", () => {
  it("reaches after any changes just those who want a market, each once, as asking every one of them would", () => {
    const random = new Random("index");
    const index = new SubscriptionIndex();
    const open: Subscription[] = [];
    const some = () => TICKERS.filter(() => random.chance(0.4));
    for (let n = 0; n < 3_000; n += 1) {
      const one = open.length === 0 ? null : random.pick(open);
      const draw = random.next();
      if (one === null || (draw < 0.25 && open.length < 30)) {
        const fresh = subscription(n, random.pick(channelNames), random.chance(0.2) ? null : new Set(some()));
        open.push(fresh);
        index.add(fresh);
      } else if (draw < 0.4) {
        index.remove(open.splice(open.indexOf(one), 1)[0]!);
      } else if (draw < 0.7) {
        const before = new Set(one.markets ?? TICKERS);
        const tickers = some();
        expect(index.enlarge(one, tickers)).toEqual(tickers.filter((ticker) => !before.has(ticker)));
      } else if (draw < 0.95) {
        index.lessen(one, some());
      } else {
        index.widen(one);
      }
      const channel = random.pick(channelNames);
      for (const ticker of [...TICKERS, null]) {
        const reached: number[] = [];
        index.each(channel, ticker, ({ sid }) => reached.push(sid));
        const wanted = open.filter(
          (each) =>
            each.channel === channel && (each.markets === null || (ticker !== null && each.markets.has(ticker))),
        );
        expect(reached.toSorted()).toEqual(wanted.map(({ sid }) => sid).toSorted());
      }
    }
  });
});
