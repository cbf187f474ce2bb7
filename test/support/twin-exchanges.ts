import { Decimal } from "decimal.js";
import fc from "fast-check";
import { decimalOf } from "../../src/frames/exact.js";
import { createEngine, type Engine } from "../../src/sandbox/engine/engine.js";
import type { OrderGroup } from "../../src/sandbox/engine/order-groups.js";
import { FINE_DECIMALS } from "../../src/units/fine-amount.js";
import { amountToDecimal } from "../../src/units/money.js";
import { CENT, DOLLAR } from "../../src/units/price.js";
import { MILLISECOND, SECOND } from "../../src/units/time.js";
import { codeOf } from "./orders.js";
import {
  type PlainAccount,
  PlainExchange,
  type PlainGroup,
  type PlainMarket,
  type PlainOrder,
} from "./plain-exchange.js";
import { cashOf, own, positionsOf } from "./plain-ledger.js";
import { START, type TinyWorld, tinyMarket, tinyWorld } from "./tiny-world.js";

export interface TwinsOptions {
  readonly precision: "direct" | "cents";
  readonly feeType: "quadratic" | "quadratic_with_maker_fees";
  readonly feeMultiplier: number;
  /** What the three markets of the event pay that exclude each other. */
  readonly values: readonly [number, number, number];
  /** Seconds until each market closes. */
  readonly closes: readonly number[];
  /** What each member begins with. */
  readonly dollars: number;
}

const MEMBERS = ["ann", "bob", "cid"] as const;
const SUBACCOUNTS = [0, 1] as const;
/** A, B and C exclude each other; D and E do not, and D has the finer grid. */
const MARKETS = [
  { ticker: "A", event: "ONE", grid: "linear_cent" },
  { ticker: "B", event: "ONE", grid: "linear_cent" },
  { ticker: "C", event: "ONE", grid: "linear_cent" },
  { ticker: "D", event: "TWO", grid: "deci_cent" },
  { ticker: "E", event: "TWO", grid: "linear_cent" },
] as const;

const who = { member: fc.constantFrom(...MEMBERS), subaccount: fc.constantFrom(0, 0, 1) };
// Where most orders go to few places they meet.
const market = fc.constantFrom(...(["A", "A", "A", "A", "B", "B", "B", "C", "C", "D", "E"] as const));
const count = fc.oneof(
  fc.integer({ min: 1, max: 400 }),
  fc.integer({ min: 1, max: 40 }).map((n) => n * 100),
);
const price = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 46, max: 54 }).map((cents) => cents * CENT) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 99 }).map((cents) => cents * CENT) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 999 }).map((tenths) => tenths * 1_000) },
);
const pick = fc.nat(1_000);

const place = fc.record({
  do: fc.constant("place" as const),
  ...who,
  market,
  side: fc.constantFrom("bid" as const, "ask" as const),
  price,
  count,
  /** As many contracts as the account can pay for, or nearly, in place of the count. */
  most: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  kind: fc.constantFrom(
    "good_till_canceled" as const,
    "good_till_canceled" as const,
    "good_till_canceled" as const,
    "immediate_or_cancel" as const,
    "fill_or_kill" as const,
  ),
  selfTrade: fc.constantFrom("taker_at_cross" as const, "maker" as const),
  postOnly: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  reduceOnly: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  onPause: fc.boolean(),
  /** Seconds from the start; most orders do not lapse. */
  expires: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }) },
  ),
  group: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(2) }),
  /** Whether it comes from the account that the group belongs to. */
  fits: fc.integer({ min: 0, max: 7 }).map((n) => n > 0),
});
const onOrder = fc.oneof(
  fc.record({ do: fc.constant("cancel" as const), pick }),
  fc.record({ do: fc.constant("amend" as const), pick, price, count }),
  fc.record({ do: fc.constant("amend" as const), pick, price, count }),
  fc.record({ do: fc.constant("decrease" as const), pick, part: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant("cancel all" as const),
    member: who.member,
    subaccount: fc.constantFrom(undefined, 0, 1),
  }),
);
const onGroup = fc.oneof(
  fc.record({ do: fc.constant("group" as const), ...who, count }),
  fc.record({ do: fc.constant("group" as const), ...who, count }),
  fc.record({ do: fc.constant("limit" as const), pick, count }),
  fc.record({ do: fc.constantFrom("trigger" as const, "reset" as const, "reset" as const, "delete" as const), pick }),
);
const onMoney = fc.oneof(
  fc.record({
    do: fc.constant("transfer" as const),
    member: who.member,
    from: fc.nat(1),
    cents: fc.integer({ min: 1, max: 4_000 }),
  }),
  fc.record({ do: fc.constant("netting" as const), ...who, enabled: fc.boolean() }),
);
const onMarket = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      "pause" as const,
      "resume" as const,
      "resume" as const,
      "close" as const,
      "reopen" as const,
      "determine" as const,
      "dispute" as const,
      "overturn" as const,
    ),
    market,
  }),
  fc.record({ do: fc.constantFrom("halt" as const, "unhalt" as const, "unhalt" as const) }),
  fc.record({
    do: fc.constant("fees" as const),
    event: fc.constantFrom("ONE", "TWO"),
    multiplier: fc.constantFrom(0, 0.5, 1, 12),
  }),
);
const wait = fc.record({ do: fc.constant("wait" as const), tenths: fc.integer({ min: 1, max: 39 }) });

/** Something that happens to an exchange. */
export const operation = fc.oneof(
  { weight: 24, arbitrary: place },
  { weight: 5, arbitrary: onOrder },
  { weight: 3, arbitrary: onGroup },
  { weight: 2, arbitrary: onMoney },
  { weight: 2, arbitrary: onMarket },
  { weight: 4, arbitrary: wait },
);
export type Operation = typeof operation extends fc.Arbitrary<infer One> ? One : never;

/** The engine and the plain model, led through the same life. */
export class Twins {
  readonly engine: Engine;
  readonly plain: PlainExchange;
  readonly tickers = MARKETS.map(({ ticker }) => ticker);
  /** What has come to pass, for tests that ask whether enough has. */
  readonly seen = new Set<string>();
  readonly #tiny: TinyWorld;
  readonly #ids = new Map<string, string>();
  readonly #groups: { readonly engine: OrderGroup; readonly plain: PlainGroup }[] = [];
  #serial = 0;

  constructor(options: TwinsOptions) {
    const precision = options.precision === "direct" ? 100 : CENT;
    this.#tiny = worldOf(options);
    const { feeType, feeMultiplier } = options;
    this.engine = createEngine({ world: this.#tiny.world, seed: "twins", makers: false });
    this.plain = new PlainExchange(String(precision / DOLLAR), { type: feeType, multiplier: feeMultiplier });
    this.plain.exclusive.add("ONE");
    for (const { ticker, event, grid } of MARKETS) {
      const { closeTime, determinedTime, settledTime, outcome } = this.#tiny.world.markets.get(ticker)!;
      this.plain.markets.push({
        ticker,
        event,
        step: new Decimal(grid === "deci_cent" ? "0.001" : "0.01"),
        close: closeTime,
        determined: determinedTime,
        settled: settledTime,
        paused: false,
        phase: "open",
        value: new Decimal(outcome.value).div(DOLLAR),
      });
    }
    for (const member of MEMBERS) {
      this.engine.addAccount({ userId: member, keyId: member, balance: options.dollars * DOLLAR, precision });
      this.engine.openSubaccount(member);
      for (const subaccount of SUBACCOUNTS)
        this.plain.accounts.push({ member, subaccount, entries: [], netting: true });
      this.plain.account(member, 0).entries.push({ type: "moved", dollars: new Decimal(options.dollars) });
    }
    this.engine.on((event) => this.#watch(event));
    this.#wait(5 * MILLISECOND);
  }

  /** Does one thing to both, a hundredth of a second after the last, and gives both answers. */
  apply(one: Operation): [engine: string, plain: string] {
    this.#wait(10 * MILLISECOND);
    const answers = this.#apply(one);
    this.seen.add(answers[0]);
    return answers;
  }

  #apply(one: Operation): [string, string] {
    const { plain, engine } = this;
    switch (one.do) {
      case "place":
        return this.#place(one);
      case "cancel":
        return this.#onOrder(one.pick, (order, id) => [
          codeOf(() => engine.cancel(order.member, id)),
          plain.withdraw(order),
        ]);
      case "amend":
        return this.#onOrder(one.pick, (order, id) => [
          codeOf(() =>
            engine.amend(order.member, id, ({ expires, clientOrderId }) => ({
              price: one.price,
              count: one.count,
              expires,
              clientOrderId,
            })),
          ),
          plain.amend(order, new Decimal(one.price).div(DOLLAR), new Decimal(one.count).div(100)),
        ]);
      case "decrease":
        return this.#onOrder(one.pick, (order, id) => {
          const by = Math.ceil(order.remaining.times(100).toNumber() / one.part);
          return [
            codeOf(() => engine.decrease(order.member, id, () => by)),
            plain.decrease(order, new Decimal(by).div(100)),
          ];
        });
      case "cancel all":
        for (const order of [...plain.resting]) {
          const meant = one.subaccount === undefined || order.subaccount === one.subaccount;
          if (order.member === one.member && meant) plain.withdraw(order);
        }
        return [codeOf(() => engine.cancelAll(one.member, one.subaccount)), "accepted"];
      case "transfer": {
        const to = 1 - one.from;
        this.#serial += 1;
        const request = { clientTransferId: `t-${this.#serial}`, from: one.from, to, cents: one.cents };
        return [
          codeOf(() => engine.transfer(one.member, request)),
          plain.transfer(one.member, one.from, to, new Decimal(one.cents).div(100)),
        ];
      }
      case "netting":
        return [
          codeOf(() => engine.setNetting(one.member, one.subaccount, one.enabled)),
          plain.setNetting(plain.account(one.member, one.subaccount), one.enabled),
        ];
      case "wait":
        this.#wait(one.tenths * 100 * MILLISECOND);
        return ["accepted", "accepted"];
      case "halt":
      case "unhalt":
        return this.#halt(one.do === "halt");
      case "fees":
        return this.#changeFees(one.event, one.multiplier);
      case "group":
      case "limit":
      case "trigger":
      case "reset":
      case "delete":
        return this.#onGroup(one);
      default:
        return this.#onMarket(one.do, plain.market(one.market));
    }
  }

  #place(one: Extract<Operation, { do: "place" }>): [string, string] {
    this.#serial += 1;
    const key = `o-${this.#serial}`;
    const { side, kind, selfTrade, postOnly, reduceOnly, onPause } = one;
    const group = one.group === null ? null : (this.#groups[one.group] ?? null);
    const { member, subaccount } = one.fits && group !== null ? group.plain : one;
    const count = one.most ? this.#most(one, this.plain.account(member, subaccount)) : one.count;
    const expires = one.expires === null ? null : START + one.expires * SECOND + SECOND / 5;
    const engine = codeOf(() => {
      const request = { side, price: one.price, count, timeInForce: kind, selfTrade, postOnly, reduceOnly };
      const rest = {
        clientOrderId: key,
        cancelOnPause: onPause,
        expires,
        subaccount,
        groupId: group?.engine.id ?? null,
      };
      this.#ids.set(key, this.engine.place(member, one.market, { ...request, ...rest }).order.id);
    });
    const plain = this.plain.place({
      ...{ key, member, subaccount, market: one.market, side, kind, selfTrade, postOnly, reduceOnly, onPause, expires },
      price: new Decimal(one.price).div(DOLLAR),
      count: new Decimal(count).div(100),
      group: group?.plain.name ?? null,
    });
    return [engine, plain];
  }

  /** Hundredths of a contract that an account can just about pay for. */
  #most({ side, price }: { side: "bid" | "ask"; price: number }, account: PlainAccount): number {
    const cost = own(side, new Decimal(price).div(DOLLAR));
    const fees = new Decimal(price % (3 * CENT) === 0 ? "0.02" : "0.005");
    return Math.max(1, this.plain.balance(account).div(cost.plus(fees)).times(100).floor().toNumber());
  }

  #onOrder(pick: number, act: (order: PlainOrder, id: string) => [string, string]): [string, string] {
    // Rather one that rests than any.
    const among = this.plain.resting.length > 0 && pick % 5 > 0 ? this.plain.resting : this.plain.orders;
    const order = among[pick % Math.max(1, among.length)];
    return order === undefined ? ["accepted", "accepted"] : act(order, this.#ids.get(order.key)!);
  }

  #onGroup(one: Extract<Operation, { do: "group" | "limit" | "trigger" | "reset" | "delete" }>): [string, string] {
    const groups = this.engine.orderGroups();
    const done: [string, string] = ["accepted", "accepted"];
    if (one.do === "group") {
      const { member, subaccount } = one;
      const limit = new Decimal(one.count).div(100);
      this.#serial += 1;
      const plain = { name: `g-${this.#serial}`, member, subaccount, limit, triggered: false, fills: [] };
      this.plain.groups.push(plain);
      this.#groups.unshift({ engine: groups.create(member, subaccount, one.count), plain });
      return done;
    }
    const group = this.#groups[one.pick % Math.max(1, this.#groups.length)];
    if (group === undefined) return done;
    if (one.do === "limit") {
      groups.setLimit(group.engine, one.count);
      group.plain.limit = new Decimal(one.count).div(100);
      if (this.plain.exceeds(group.plain)) this.plain.trigger(group.plain);
    } else if (one.do === "trigger") {
      groups.trigger(group.engine);
      this.plain.trigger(group.plain);
    } else if (one.do === "reset") {
      groups.reset(group.engine);
      Object.assign(group.plain, { triggered: false, fills: [] });
    } else {
      groups.remove(group.engine);
      group.plain.triggered = false;
      this.plain.trigger(group.plain);
      this.plain.groups.splice(this.plain.groups.indexOf(group.plain), 1);
      this.#groups.splice(this.#groups.indexOf(group), 1);
    }
    return done;
  }

  #halt(on: boolean): [string, string] {
    this.plain.halted = on;
    if (on) {
      this.engine.pauseTrading();
      this.plain.haltOrders(this.plain.markets);
    } else {
      this.engine.resumeExchange();
    }
    return ["accepted", "accepted"];
  }

  #changeFees(event: string, multiplier: number): [string, string] {
    const time = this.plain.now + SECOND + 500;
    const feeType = "quadratic_with_maker_fees";
    this.#serial += 1;
    this.#tiny.world.feeChanges.addEvent({
      id: `f-${this.#serial}`,
      eventTicker: event,
      seriesTicker: "SANDBOX",
      feeType,
      feeMultiplier: multiplier,
      time,
    });
    this.plain.feeChanges.push({ event, time, fees: { type: feeType, multiplier } });
    return ["accepted", "accepted"];
  }

  #onMarket(what: string, market: PlainMarket): [string, string] {
    const { engine, plain } = this;
    const { ticker } = market;
    const { now } = plain;
    const move = (close: number) => {
      const by = close - market.close;
      Object.assign(market, { close, determined: market.determined + by, settled: market.settled + by });
      market.paused = false;
    };
    const disputed = market.settled === Number.POSITIVE_INFINITY;
    const acts: Record<string, [allowed: boolean, engine: () => void, plain: () => void]> = {
      pause: [
        market.phase === "open" && !market.paused,
        () => engine.pause(ticker),
        () => {
          market.paused = true;
          plain.haltOrders([market]);
        },
      ],
      resume: [
        market.phase === "open" && market.paused,
        () => engine.resume(ticker),
        () => {
          market.paused = false;
          plain.wipe(market);
        },
      ],
      close: [
        market.phase === "open",
        () => engine.closeEarly(ticker),
        () => {
          move(now);
          plain.turn(market);
        },
      ],
      reopen: [
        market.phase === "closed",
        () => engine.reopen(ticker, now + 5 * SECOND),
        () => {
          move(now + 5 * SECOND);
          market.phase = "open";
        },
      ],
      determine: [
        market.phase === "closed",
        () => engine.determine(ticker),
        () => Object.assign(market, { phase: "determined", settled: now + SECOND }),
      ],
      dispute: [
        market.phase === "determined" && !disputed,
        () => engine.dispute(ticker),
        () => Object.assign(market, { settled: Number.POSITIVE_INFINITY }),
      ],
      overturn: [
        disputed,
        () => engine.amendResult(ticker, { result: "no", value: 0, observed: "" }),
        () => Object.assign(market, { settled: now + SECOND, value: new Decimal(0) }),
      ],
    };
    const [allowed, onEngine, onPlain] = acts[what]!;
    const answer = codeOf(onEngine);
    if (!allowed) return [answer, market.phase === "finalized" ? "MARKET_NOT_FOUND" : "BAD_ARGUMENT"];
    onPlain();
    return [answer, "accepted"];
  }

  #wait(by: number): void {
    const now = this.#tiny.clock.advance(by);
    this.engine.step(now);
    this.plain.advance(now);
  }

  #watch(event: Parameters<Parameters<Engine["on"]>[0]>[0]): void {
    if (event.type === "order") this.seen.add(String(event.message.last_update_reason));
    if (event.type === "trade") this.seen.add("trade");
    if (event.type === "order_group" && event.message.event_type === "triggered")
      this.seen.add("order group triggered");
    if (event.type === "lifecycle" && event.message.event_type === "settled") this.seen.add("settlement");
    if (event.type === "event_fee_update") this.seen.add("fee change");
  }

  /** Everything that can be said of either, to be held against each other. */
  states(): [engine: unknown, plain: unknown] {
    return [this.#engineState(), this.#plainState()];
  }

  #engineState(): unknown {
    const accounts = this.plain.accounts.map(({ member, subaccount }) => {
      const account = this.engine.account(member, subaccount);
      if (account.returnedTotal > 0n) this.seen.add("returned collateral");
      return {
        cash: amountToDecimal(account.cash).toFixed(8),
        returned: amountToDecimal(account.returnedTotal).toFixed(8),
        reserved: this.tickers.map((ticker) => amountToDecimal(account.reserved.get(ticker) ?? 0n).toFixed(8)),
        positions: this.tickers.map((ticker) => {
          const held = account.positions.get(ticker);
          if (held === undefined) return null;
          const costs = [held.cost, held.realized].map((amount) =>
            decimalOf(amount, FINE_DECIMALS).toFixed(FINE_DECIMALS),
          );
          const money = [held.fees, held.traded].map((amount) => amountToDecimal(amount).toFixed(8));
          return [held.count, ...costs, ...money];
        }),
        fills: account.fills.map((fill) => amountToDecimal(fill.fee).toFixed(8)),
      };
    });
    const orders = this.plain.orders.map(({ key, member, subaccount }) => {
      const order = this.engine.account(member, subaccount).orders.get(this.#ids.get(key)!)!;
      const ahead = order.status === "resting" ? this.engine.ahead(member, order.id).count : null;
      const fees = amountToDecimal(order.takerFees + order.makerFees).toFixed(8);
      return [key, order.status, order.price, order.filled, order.remaining, fees, ahead];
    });
    const books = this.tickers.map((ticker) => this.engine.book(ticker));
    return { accounts, orders, books };
  }

  #plainState(): unknown {
    const { plain } = this;
    const accounts = plain.accounts.map((account) => {
      const positions = positionsOf(account.entries);
      const fills = account.entries.filter((entry) => entry.type === "fill");
      return {
        cash: cashOf(account.entries).toFixed(8),
        returned: plain.returned(account, "ONE").toFixed(8),
        reserved: this.tickers.map((ticker) => plain.bound(account, ticker).toFixed(8)),
        positions: this.tickers.map((ticker) => {
          const held = positions.get(ticker);
          if (held === undefined) return null;
          const costs = [held.cost, held.realized].map((amount) => amount.toFixed(FINE_DECIMALS));
          const money = [held.fees, held.traded].map((amount) => amount.toFixed(8));
          return [hundredths(held.count), ...costs, ...money];
        }),
        fills: fills.map(({ fee }) => fee.toFixed(8)),
      };
    });
    const orders = plain.orders.map((order) => [
      order.key,
      order.status,
      order.price.times(DOLLAR).toNumber(),
      hundredths(order.filled),
      hundredths(order.remaining),
      order.fees.toFixed(8),
      order.status === "resting" ? this.#ahead(order) : null,
    ]);
    const books = this.tickers.map((ticker) => ({
      yes: levels(plain.book(ticker, "bid"), (one) => one.price),
      no: levels(plain.book(ticker, "ask"), (one) => new Decimal(1).minus(one.price)),
    }));
    return { accounts, orders, books };
  }

  #ahead(order: PlainOrder): number {
    const queue = this.plain.book(order.market, order.side).filter((one) => one.price.equals(order.price));
    const before = queue.slice(0, queue.indexOf(order));
    return before.reduce((sum, one) => sum + hundredths(one.remaining), 0);
  }
}

function worldOf({ values, closes, feeType, feeMultiplier }: TwinsOptions): TinyWorld {
  const markets = MARKETS.map(({ ticker, event, grid }, at) => {
    const share = at < 3 ? values[at]! : at === 3 ? 0.3719 : 0;
    const value = Math.round(share * DOLLAR);
    const result = value === DOLLAR ? ("yes" as const) : value === 0 ? ("no" as const) : ("scalar" as const);
    // No two markets do anything in the same instant.
    const close = START + closes[at]! * SECOND + (400 + 10 * at) * MILLISECOND + 1;
    const times = { close, settled: close + 3 * SECOND };
    const record = tinyMarket({ ticker, eventTicker: event, grid, outcome: { result, value, observed: "" }, ...times });
    record.determinedTime = close + SECOND;
    return record;
  });
  const tiny = tinyWorld(markets, { feeType, feeMultiplier });
  const wire = { collateral_return_type: "MECNET", mutually_exclusive: true };
  tiny.world.events.set("ONE", { ticker: "ONE", seriesTicker: "SANDBOX", wire });
  return tiny;
}

function levels(orders: readonly PlainOrder[], priceOf: (order: PlainOrder) => Decimal): [number, number][] {
  const sums = new Map<number, number>();
  for (const order of orders) {
    const at = priceOf(order).times(DOLLAR).toNumber();
    sums.set(at, (sums.get(at) ?? 0) + hundredths(order.remaining));
  }
  return [...sums].sort((a, b) => a[0] - b[0]);
}

function hundredths(contracts: Decimal): number {
  // Minus nothing is nothing.
  return contracts.times(100).toNumber() + 0;
}
