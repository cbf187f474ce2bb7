import { Decimal } from "decimal.js";
import {
  cashOf,
  down,
  type Entry,
  feeOf,
  modelFee,
  own,
  type PlainFees,
  type PlainPosition,
  positionsOf,
  type Side,
  up,
  ZERO,
} from "./plain-ledger.js";

// An exchange as one would write it down on paper: lists that are searched from end to end, and every sum anew at every question. It
// knows what the engine should do and nothing of how. Times are in microseconds.

export interface PlainOrder {
  readonly key: string;
  readonly member: string;
  readonly subaccount: number;
  readonly market: string;
  readonly side: Side;
  price: Decimal;
  count: Decimal;
  remaining: Decimal;
  filled: Decimal;
  fees: Decimal;
  carried: Decimal;
  status: "resting" | "canceled" | "executed";
  /** When its market's close ended it; null where it did not. */
  closed: number | null;
  readonly selfTrade: "taker_at_cross" | "maker";
  readonly expires: number | null;
  readonly onPause: boolean;
  readonly group: string | null;
}

export interface PlainMarket {
  readonly ticker: string;
  readonly event: string;
  step: Decimal;
  close: number;
  determined: number;
  settled: number;
  paused: boolean;
  phase: "open" | "closed" | "determined" | "finalized";
  value: Decimal;
}

export interface PlainGroup {
  readonly name: string;
  readonly member: string;
  readonly subaccount: number;
  limit: Decimal;
  triggered: boolean;
  fills: { readonly time: number; readonly count: Decimal }[];
}

export interface PlainAccount {
  readonly member: string;
  readonly subaccount: number;
  readonly entries: Entry[];
  netting: boolean;
}

export interface PlainRequest {
  readonly key: string;
  readonly member: string;
  readonly subaccount: number;
  readonly market: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly count: Decimal;
  readonly kind: "good_till_canceled" | "immediate_or_cancel" | "fill_or_kill";
  readonly selfTrade: "taker_at_cross" | "maker";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly onPause: boolean;
  readonly expires: number | null;
  readonly group: string | null;
}

const ACCEPTED = "accepted";

export class PlainExchange {
  readonly markets: PlainMarket[] = [];
  readonly accounts: PlainAccount[] = [];
  /** In the order they were placed. */
  readonly orders: PlainOrder[] = [];
  readonly groups: PlainGroup[] = [];
  /** Those of them that rest, in the order they came to rest: their place in the queue. */
  resting: PlainOrder[] = [];
  readonly exclusive = new Set<string>();
  readonly feeChanges: { readonly event: string; readonly time: number; readonly fees: PlainFees }[] = [];
  halted = false;
  now = 0;
  #fees: PlainFees;
  #step: Decimal;

  constructor(step: string, fees: PlainFees) {
    this.#step = new Decimal(step);
    this.#fees = fees;
  }

  account(member: string, subaccount: number): PlainAccount {
    return this.accounts.find((one) => one.member === member && one.subaccount === subaccount)!;
  }

  market(ticker: string): PlainMarket {
    return this.markets.find((one) => one.ticker === ticker)!;
  }

  /** A side of a book, best first, and of one price oldest first. */
  book(market: string, side: Side): PlainOrder[] {
    const orders = this.resting.filter((one) => one.market === market && one.side === side);
    return orders.sort((a, b) => (side === "bid" ? b.price.cmp(a.price) : a.price.cmp(b.price)));
  }

  place(request: PlainRequest): string {
    const market = this.market(request.market);
    if (market.phase === "finalized") return "MARKET_INACTIVE";
    if (this.halted) return "trading_is_paused";
    const wrong = this.#check(market, request.price, request.count, request.expires);
    if (wrong !== null) return wrong;
    if (request.expires !== null && request.kind !== "good_till_canceled") return "invalid_order";
    if (request.reduceOnly && request.kind !== "immediate_or_cancel") return "invalid_order";
    if (request.postOnly && this.#meets(request).length > 0) return "invalid_order";
    const group = this.groups.find((one) => one.name === request.group);
    if (request.group !== null) {
      if (group === undefined || group.member !== request.member || group.subaccount !== request.subaccount) {
        return "order_group_not_found";
      }
      if (group.triggered) return "exceeded_order_group_risk_limit";
    }
    const account = this.account(request.member, request.subaccount);
    const count = request.reduceOnly ? Decimal.min(request.count, this.#opposed(account, request)) : request.count;
    if (request.kind === "fill_or_kill" && this.#fallsShort(request)) return "fill_or_kill_insufficient_resting_volume";
    if (!this.#canPay(account, { ...request, count }, null)) return "insufficient_balance";
    const order: PlainOrder = {
      ...request,
      count,
      remaining: count,
      filled: ZERO,
      fees: ZERO,
      carried: ZERO,
      status: "resting",
      closed: null,
    };
    this.orders.push(order);
    this.#enter(order, request.kind === "good_till_canceled");
    return ACCEPTED;
  }

  amend(order: PlainOrder, price: Decimal, count: Decimal): string {
    if (this.halted) return "trading_is_paused";
    const beyond = this.#beyond(order);
    if (beyond !== null) return beyond;
    const market = this.market(order.market);
    const wrong = this.#check(market, price, count, order.expires);
    if (wrong !== null) return wrong;
    if (count.lessThan(order.filled)) return "invalid_amend_qty_for_order";
    const remaining = count.minus(order.filled);
    const account = this.account(order.member, order.subaccount);
    if (!this.#canPay(account, { ...order, price, count: remaining }, order)) return "insufficient_balance";
    if (remaining.isZero()) {
      this.cancel(order);
      return ACCEPTED;
    }
    const stays = price.equals(order.price) && remaining.lessThanOrEqualTo(order.remaining);
    Object.assign(order, { price, count, remaining });
    if (stays) return ACCEPTED;
    this.resting = this.resting.filter((one) => one !== order);
    this.#enter(order, true);
    return ACCEPTED;
  }

  decrease(order: PlainOrder, by: Decimal): string {
    const beyond = this.#beyond(order);
    if (beyond !== null) return beyond;
    order.remaining = order.remaining.minus(by);
    if (order.remaining.isZero()) this.cancel(order);
    return ACCEPTED;
  }

  withdraw(order: PlainOrder): string {
    const beyond = this.#beyond(order);
    if (beyond !== null) return beyond;
    this.cancel(order);
    return ACCEPTED;
  }

  /** Why an order cannot be touched; null where it can. What a close ended is refused for a second as what rests at one. */
  #beyond({ status, closed, market }: PlainOrder): string | null {
    if (closed !== null && this.now - closed < 1_000_000) return "MARKET_INACTIVE";
    if (status !== "resting") return "not_found";
    return this.market(market).phase === "open" ? null : "MARKET_INACTIVE";
  }

  cancel(order: PlainOrder): void {
    order.status = "canceled";
    order.remaining = ZERO;
    this.resting = this.resting.filter((one) => one !== order);
  }

  transfer(member: string, from: number, to: number, dollars: Decimal): string {
    if (from === to) return "invalid_parameters";
    const source = this.account(member, from);
    if (this.balance(source).lessThan(dollars)) return "insufficient_balance";
    source.entries.push({ type: "moved", dollars: dollars.negated() });
    this.account(member, to).entries.push({ type: "moved", dollars });
    return ACCEPTED;
  }

  setNetting(account: PlainAccount, enabled: boolean): string {
    const was = account.netting;
    account.netting = enabled;
    if (!this.balance(account).isNegative()) return ACCEPTED;
    account.netting = was;
    return "insufficient_balance";
  }

  trigger(group: PlainGroup): void {
    if (group.triggered) return;
    group.triggered = true;
    for (const order of this.resting.filter((one) => one.group === group.name)) this.cancel(order);
  }

  /** Whether what has filled in the last fifteen seconds is too much. */
  exceeds(group: PlainGroup): boolean {
    const recent = group.fills.filter(({ time }) => time > this.now - 15_000_000);
    return recent.reduce((sum, { count }) => sum.plus(count), ZERO).greaterThan(group.limit);
  }

  haltOrders(markets: readonly PlainMarket[]): void {
    for (const order of this.resting.filter((one) => one.onPause && markets.some((m) => m.ticker === one.market))) {
      this.cancel(order);
    }
  }

  wipe(market: PlainMarket): void {
    for (const order of this.resting.filter((one) => one.market === market.ticker)) this.cancel(order);
  }

  /** Lets everything happen that is due up to a time, in order. */
  advance(to: number): void {
    for (;;) {
      const due = this.#due().filter(({ at }) => at <= to);
      const next = due.reduce<(typeof due)[number] | null>((a, b) => (a === null || b.at < a.at ? b : a), null);
      if (next === null) break;
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = to;
  }

  #due(): { readonly at: number; run(): void }[] {
    const lapses = this.resting
      .filter((order) => order.expires !== null)
      .map((order) => ({ at: order.expires!, run: () => this.cancel(order) }));
    const turns = this.markets
      .filter(({ phase }) => phase !== "finalized")
      .map((market) => ({ at: turnOf(market), run: () => this.turn(market) }));
    const fees = this.feeChanges
      .filter(({ time }) => time > this.now)
      .map(({ time, event }) => ({ at: time, run: () => this.#feesChange(event) }));
    return [...lapses, ...turns, ...fees];
  }

  /** The next step of a market's life. */
  turn(market: PlainMarket): void {
    if (market.phase === "open") {
      market.phase = "closed";
      for (const order of this.resting) if (order.market === market.ticker) order.closed = this.now;
      this.wipe(market);
    } else if (market.phase === "closed") {
      market.phase = "determined";
    } else {
      market.phase = "finalized";
      for (const account of this.accounts) {
        const { ticker, value } = market;
        if (positionsOf(account.entries).has(ticker)) {
          account.entries.push({ type: "paid", market: ticker, value, step: this.#step });
        }
      }
      if (this.exclusive.has(market.event)) for (const account of this.accounts) this.#makeGood(account);
    }
  }

  /** The exchange bears what its own rounding has cost who was returned collateral. */
  #makeGood(account: PlainAccount): void {
    this.cover(account);
    const balance = this.balance(account);
    if (balance.isNegative()) account.entries.push({ type: "moved", dollars: up(balance.negated(), this.#step) });
  }

  #feesChange(event: string): void {
    for (const account of this.accounts) {
      if (this.#restingOf(account).some((one) => this.market(one.market).event === event)) this.cover(account);
    }
  }

  feesOf(market: PlainMarket): PlainFees {
    const past = this.feeChanges.filter(({ event, time }) => event === market.event && time <= this.now);
    return past.reduce((last, one) => (one.time >= last.time ? one : last), { time: -1, fees: this.#fees }).fees;
  }

  #check(market: PlainMarket, price: Decimal, count: Decimal, expires: number | null): string | null {
    if (market.phase !== "open" || market.paused) return "MARKET_INACTIVE";
    if (!price.mod(market.step).isZero()) return "invalid_price";
    if (count.lessThanOrEqualTo(0)) return "invalid_order_size";
    return expires !== null && expires <= this.now ? "invalid_order" : null;
  }

  /** Resting orders of the other side that an order's price reaches, best first. */
  #meets({ market, side, price }: { market: string; side: Side; price: Decimal }): PlainOrder[] {
    const facing = this.book(market, side === "bid" ? "ask" : "bid");
    return facing.filter((one) =>
      side === "bid" ? one.price.lessThanOrEqualTo(price) : one.price.greaterThanOrEqualTo(price),
    );
  }

  /** A fill-or-kill order that meets one of its own owner does what an immediate-or-cancel one does. */
  #fallsShort(request: PlainRequest): boolean {
    let wanted = request.count;
    for (const one of this.#meets(request)) {
      if (one.member === request.member) return false;
      wanted = wanted.minus(one.remaining);
      if (wanted.lessThanOrEqualTo(0)) return false;
    }
    return true;
  }

  #opposed(account: PlainAccount, { market, side }: { market: string; side: Side }): Decimal {
    const held = this.#held(account, market);
    return Decimal.max(0, side === "bid" ? held.negated() : held);
  }

  #enter(order: PlainOrder, rests: boolean): void {
    const touched = new Set([this.account(order.member, order.subaccount)]);
    let traded = false;
    let stopped = false;
    // What an order meets is decided before the first of its fills is booked.
    for (const other of this.#meets(order)) {
      if (order.remaining.isZero()) break;
      if (other.member === order.member) {
        stopped = order.selfTrade === "taker_at_cross";
        if (stopped) break;
        this.cancel(other);
        continue;
      }
      const count = Decimal.min(order.remaining, other.remaining);
      this.#fill(other, other.price, count, "maker");
      this.#fill(order, other.price, count, "taker");
      touched.add(this.account(other.member, other.subaccount));
      traded = true;
      if (other.remaining.isZero()) {
        other.status = "executed";
        this.resting = this.resting.filter((one) => one !== other);
      }
    }
    if (order.remaining.greaterThan(0) && rests && !stopped) {
      this.resting.push(order);
    } else {
      order.status = order.filled.equals(order.count) && order.count.greaterThan(0) ? "executed" : "canceled";
      order.remaining = ZERO;
    }
    if (!traded) return;
    for (const group of this.groups) if (this.exceeds(group)) this.trigger(group);
    for (const account of touched) this.cover(account);
  }

  #fill(order: PlainOrder, price: Decimal, count: Decimal, role: "taker" | "maker"): void {
    const { side, market } = order;
    const { fee, carried } = feeOf(
      { side, price, count, role },
      this.feesOf(this.market(market)),
      this.#step,
      order.carried,
    );
    order.carried = carried;
    order.fees = order.fees.plus(fee);
    order.filled = order.filled.plus(count);
    order.remaining = order.remaining.minus(count);
    this.account(order.member, order.subaccount).entries.push({ type: "fill", market, side, price, count, fee });
    this.groups.find((one) => one.name === order.group)?.fills.push({ time: this.now, count });
  }

  /** Cancels an account's newest orders that bind money while it has less than none. */
  cover(account: PlainAccount): void {
    while (this.balance(account).isNegative()) {
      const binding = this.#restingOf(account).filter((one) => this.bound(account, one.market).greaterThan(0));
      const newest = binding.at(-1);
      if (newest === undefined) return;
      this.cancel(newest);
    }
  }

  #restingOf(account: PlainAccount): PlainOrder[] {
    return this.resting.filter((one) => one.member === account.member && one.subaccount === account.subaccount);
  }

  /** What is free to trade with. */
  balance(account: PlainAccount): Decimal {
    let balance = cashOf(account.entries);
    for (const event of this.exclusive) balance = balance.plus(this.returned(account, event));
    for (const { ticker } of this.markets) balance = balance.minus(this.bound(account, ticker));
    return balance;
  }

  position(account: PlainAccount, market: string): PlainPosition | undefined {
    return positionsOf(account.entries).get(market);
  }

  #held(account: PlainAccount, market: string): Decimal {
    return this.position(account, market)?.count ?? ZERO;
  }

  /** Contracts of NO in each market of an event that is still to be paid. */
  #noes(account: PlainAccount, event: string): { readonly ticker: string; readonly count: Decimal }[] {
    return this.markets
      .filter((one) => one.event === event && one.phase !== "finalized")
      .map(({ ticker }) => ({ ticker, count: Decimal.max(0, this.#held(account, ticker).negated()) }));
  }

  #paid(event: string): Decimal {
    const paid = this.markets.filter((one) => one.event === event && one.phase === "finalized");
    return paid.reduce((sum, { value }) => sum.plus(value), ZERO);
  }

  /** The least that NO holdings of an event can pay, over every way that it can end. */
  returned(account: PlainAccount, event: string): Decimal {
    if (!account.netting || !this.exclusive.has(event)) return ZERO;
    const noes = this.#noes(account, event);
    const left = new Decimal(1).minus(this.#paid(event));
    const all = noes.reduce((sum, { count }) => sum.plus(count), ZERO);
    const ends = noes.map(({ count }) => all.minus(left.times(count)));
    return noes.length === 0 ? ZERO : down(Decimal.min(...ends), this.#step);
  }

  /** What resting orders of a market bind. */
  bound(account: PlainAccount, market: string): Decimal {
    const claims = this.#restingOf(account)
      .filter((one) => one.market === market)
      .map(asMaker);
    return this.#boundBy(account, market, claims);
  }

  #canPay(account: PlainAccount, order: Omit<Claim, "role" | "fills"> & Named, instead: PlainOrder | null): boolean {
    const claims = this.#restingOf(account)
      .filter((one) => one.market === order.market && one !== instead)
      .map(asMaker);
    const { side, price, count } = order;
    claims.push({ side, price, count, role: "taker", fills: this.#fillsOf(order) + 1 });
    const more = this.#boundBy(account, order.market, claims).minus(this.bound(account, order.market));
    return more.lessThanOrEqualTo(0) || more.lessThanOrEqualTo(this.balance(account));
  }

  /** Orders that one meets until it has enough. */
  #fillsOf(order: { market: string; side: Side; price: Decimal; count: Decimal; member: string }): number {
    let wanted = order.count;
    let met = 0;
    for (const one of this.#meets(order)) {
      if (wanted.lessThanOrEqualTo(0)) break;
      if (one.member !== order.member) wanted = wanted.minus(one.remaining);
      met += 1;
    }
    return met;
  }

  #boundBy(account: PlainAccount, market: string, claims: readonly Claim[]): Decimal {
    const of = (side: Side) =>
      this.#boundOn(
        market,
        claims.filter((one) => one.side === side),
        this.#closable(account, market, side),
      );
    return of("bid").plus(of("ask"));
  }

  #boundOn(market: string, claims: readonly Claim[], closable: Decimal): Decimal {
    const fees = this.feesOf(this.market(market));
    const wanted = claims.reduce((sum, { count }) => sum.plus(count), ZERO);
    if (wanted.lessThanOrEqualTo(closable)) return ZERO;
    const unit = ({ side, price, role }: Claim) => {
      const rate = role === "taker" ? 0.07 : fees.type === "quadratic_with_maker_fees" ? 0.0175 : 0;
      return own(side, price).plus(price.times(price.negated().plus(1)).times(rate).times(fees.multiplier));
    };
    let free = closable;
    let total = ZERO;
    for (const claim of [...claims].sort((a, b) => unit(a).cmp(unit(b)))) {
      const closing = Decimal.min(free, claim.count);
      free = free.minus(closing);
      const opens = claim.count.minus(closing);
      total = total.plus(own(claim.side, claim.price).times(opens));
      if (opens.greaterThan(0)) total = total.plus(modelFee(fees, claim.role, claim.price, opens));
      total = total.plus(this.#step.plus("0.000001").times(claim.fills));
    }
    return up(total, this.#step);
  }

  /** Contracts that may be closed without money: where NO holdings are netted, those that nothing was returned for. */
  #closable(account: PlainAccount, market: string, side: Side): Decimal {
    const held = this.#held(account, market);
    if (side === "ask") return Decimal.max(0, held);
    const owed = Decimal.max(0, held.negated());
    const { event } = this.market(market);
    if (!account.netting || !this.exclusive.has(event)) return owed;
    if (this.#paid(event).greaterThan(0)) return ZERO;
    const others = this.#noes(account, event).filter(({ ticker }) => ticker !== market);
    const next = others.reduce((most, { count }) => Decimal.max(most, count), ZERO);
    return Decimal.max(0, owed.minus(next));
  }
}

interface Named {
  readonly market: string;
  readonly member: string;
}

interface Claim {
  readonly side: Side;
  readonly price: Decimal;
  readonly count: Decimal;
  readonly role: "taker" | "maker";
  readonly fills: number;
}

function asMaker({ side, price, remaining }: PlainOrder): Claim {
  return { side, price, count: remaining, role: "maker", fills: 1 };
}

function turnOf({ phase, close, determined, settled }: PlainMarket): number {
  return phase === "open" ? close : phase === "closed" ? determined : settled;
}
