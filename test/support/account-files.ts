import { Decimal } from "decimal.js";

// The exchange's account files as it makes them, from fills that are known. Written apart from the reader: money in Decimals, New York's clocks
// by the rule of its law, not by a library of zones.

/** A fill as it truly was. */
export interface TrueFill {
  /** Whole seconds since 1970. */
  readonly second: number;
  readonly ticker: string;
  readonly long: "yes" | "no";
  /** Of YES, in dollars. */
  readonly price: Decimal;
  readonly count: Decimal;
  readonly fee: Decimal;
}

/** A settlement as it truly was: what a YES contract paid. */
export interface TrueSettlement {
  readonly second: number;
  readonly ticker: string;
  readonly value: Decimal;
}

/** A closed lot as it truly was, prices of the side held. */
export interface TrueLot {
  readonly ticker: string;
  readonly side: "yes" | "no";
  readonly count: Decimal;
  readonly entry: Decimal;
  readonly exit: Decimal;
  readonly openFee: Decimal;
  readonly closeFee: Decimal;
  readonly opened: number;
  readonly closed: number;
}

const ONE = new Decimal(1);
const ZERO = new Decimal(0);

interface Held {
  readonly fill: TrueFill;
  left: Decimal;
  feeLeft: Decimal;
}

/** Lots that fills and settlements close, oldest first within a market. Fees are parted in micro-dollars; the last part takes the rest. */
export function trueLots(fills: readonly TrueFill[], settlements: readonly TrueSettlement[]): TrueLot[] {
  const lots: TrueLot[] = [];
  for (const ticker of new Set(fills.map((fill) => fill.ticker))) {
    const held: Held[] = [];
    const close = (
      count: Decimal,
      exit: (side: "yes" | "no") => Decimal,
      closed: number,
      fee: (part: Decimal) => Decimal,
    ) => {
      for (let left = count; left.gt(0); ) {
        const first = held[0]!;
        const part = Decimal.min(first.left, left);
        const openFee = part.eq(first.left) ? first.feeLeft : share(first.fill.fee, part, first.fill.count);
        const { fill } = first;
        lots.push({
          ticker,
          side: fill.long,
          count: part,
          entry: priceOf(fill.long, fill.price),
          exit: exit(fill.long),
          openFee,
          closeFee: fee(part),
          opened: fill.second,
          closed,
        });
        first.left = first.left.minus(part);
        first.feeLeft = first.feeLeft.minus(openFee);
        if (first.left.eq(0)) held.shift();
        left = left.minus(part);
      }
    };
    for (const fill of fills) {
      if (fill.ticker !== ticker) continue;
      const against = held[0] !== undefined && held[0].fill.long !== fill.long;
      const total = against ? held.reduce((sum, one) => sum.plus(one.left), ZERO) : ZERO;
      const closing = Decimal.min(total, fill.count);
      let feeLeft = fill.fee;
      let countLeft = fill.count;
      close(
        closing,
        (side) => priceOf(side, fill.price),
        fill.second,
        (part) => {
          const fee = part.eq(countLeft) ? feeLeft : share(fill.fee, part, fill.count);
          feeLeft = feeLeft.minus(fee);
          countLeft = countLeft.minus(part);
          return fee;
        },
      );
      if (countLeft.gt(0)) held.push({ fill: { ...fill, fee: feeLeft, count: countLeft }, left: countLeft, feeLeft });
    }
    const paid = settlements.find((one) => one.ticker === ticker);
    if (paid === undefined) continue;
    const all = held.reduce((sum, one) => sum.plus(one.left), ZERO);
    close(
      all,
      (side) => priceOf(side, paid.value),
      paid.second,
      () => ZERO,
    );
  }
  return lots;
}

function share(fee: Decimal, part: Decimal, whole: Decimal): Decimal {
  return fee.times(part).div(whole).toDecimalPlaces(6, Decimal.ROUND_DOWN);
}

export function priceOf(side: "yes" | "no", yes: Decimal): Decimal {
  return side === "yes" ? yes : ONE.minus(yes);
}

/** How a file is written. */
export interface Style {
  /** Integers of cents, or dollars with so many decimals. */
  readonly money: "cents" | "dollars";
  /** Whether counts are cut to whole contracts. */
  readonly cut: boolean;
  /** Whether money is rounded to cents. */
  readonly rounded: boolean;
  /** Whose prices stand in rows of NO. */
  readonly prices: "own" | "yes";
  /** Columns of later files. */
  readonly later: boolean;
  readonly offsets: boolean;
  readonly bom: boolean;
  readonly lineEnd: "\n" | "\r\n";
  /** Every field in quotes. */
  readonly quoted: boolean;
  /** Order of columns, by a number for each; names in capitals. */
  readonly shuffle: readonly number[];
  readonly capitals: boolean;
  /** A column that nobody knows. */
  readonly unknown: boolean;
}

export function cents(dollars: Decimal): Decimal {
  return dollars.times(100).toDecimalPlaces(0, Decimal.ROUND_HALF_UP);
}

export function cutCount(count: Decimal): Decimal {
  return count.toDecimalPlaces(0, Decimal.ROUND_DOWN);
}

/** The Transactions file of closed lots, and a credit after every tenth. */
export function transactionsFile(lots: readonly TrueLot[], style: Style): string {
  const suffix = style.money;
  const money = (dollars: Decimal): string =>
    style.money === "cents"
      ? cents(dollars).toFixed(0)
      : (style.rounded ? cents(dollars).div(100) : dollars).toFixed(8);
  const price = (side: "yes" | "no", own: Decimal): string => money(style.prices === "yes" ? priceOf(side, own) : own);
  const rows = lots.flatMap((lot, at) => {
    const realized = lot.exit.minus(lot.entry).times(lot.count);
    const quantity = style.cut ? cutCount(lot.count).toFixed(0) : lot.count.toFixed(2);
    const row: Record<string, string> = {
      type: "trade",
      [style.money === "cents" ? "quantity" : "quantity_fp"]: quantity,
      market_ticker: lot.ticker,
      side: lot.side,
      [`entry_price_${suffix}`]: price(lot.side, lot.entry),
      [`exit_price_${suffix}`]: price(lot.side, lot.exit),
      [`open_fees_${suffix}`]: money(lot.openFee),
      [`close_fees_${suffix}`]: money(lot.closeFee),
      [`realized_pnl_without_fees_${suffix}`]: money(realized),
      [`realized_pnl_with_fees_${suffix}`]: money(realized.minus(lot.openFee).minus(lot.closeFee)),
      close_timestamp: newYork(lot.closed, style.offsets),
      open_timestamp: newYork(lot.opened, style.offsets),
    };
    const credit: Record<string, string> = {
      ...Object.fromEntries(Object.keys(row).map((name) => [name, ""])),
      type: "credit",
      [`realized_pnl_without_fees_${suffix}`]: money(ONE),
      [`realized_pnl_with_fees_${suffix}`]: money(ONE),
      close_timestamp: newYork(lot.closed, style.offsets),
    };
    const later = {
      subtrader_id: "sub-1",
      product: "predictions",
      period_start: "2026-01-01",
      market_title: `"${lot.ticker}", is it?`,
    };
    return (at % 10 === 9 ? [row, credit] : [row]).map((one) => ({
      ...one,
      ...(style.later ? later : {}),
      ...(style.unknown ? { "Brand New": `${at}` } : {}),
    }));
  });
  return csvOf(rows, transactionNames(style), style);
}

function transactionNames({ money, later, unknown }: Style): string[] {
  return [
    ...(later ? ["subtrader_id"] : []),
    "type",
    money === "cents" ? "quantity" : "quantity_fp",
    "market_ticker",
    "side",
    ...[
      "entry_price",
      "exit_price",
      "open_fees",
      "close_fees",
      "realized_pnl_without_fees",
      "realized_pnl_with_fees",
    ].map((name) => `${name}_${money}`),
    "close_timestamp",
    "open_timestamp",
    ...(later ? ["product", "period_start", "market_title"] : []),
    ...(unknown ? ["Brand New"] : []),
  ];
}

const ACTIVITY = [
  "type",
  "Status",
  "Amount_In_Dollars",
  "Original_Date",
  "Traded_Time",
  "Last_Updated",
  "Deposit_Type",
  "Fee_In_Dollars",
  "Market_Title",
  "Market_Ticker",
  "Market_Id",
  "Filled",
  "Remaining",
  "Direction",
  "Order_Type",
  "Price_In_Cents",
  "No_Contracts_Owned",
  "No_Contracts_Average_Price_In_Cents",
  "Yes_Contracts_Owned",
  "Yes_Contracts_Average_Price_In_Cents",
  "Result",
  "Profit_In_Dollars",
  "Credit_Reason",
  "Credit_Type",
  "Introducing_Broker",
];

/** The Activity file: newest first, in the order given within a second; a deposit at the beginning of time. */
export function activityFile(
  fills: readonly TrueFill[],
  settlements: readonly TrueSettlement[],
  style: Pick<Style, "cut" | "bom" | "lineEnd" | "quoted" | "shuffle" | "capitals" | "unknown"> & {
    readonly averages: "dollars" | "cents";
  },
): string {
  const count = (value: Decimal): string => (style.cut ? cutCount(value).toFixed(0) : value.toFixed(2));
  const trades = fills.map((fill) => ({
    second: fill.second,
    row: {
      type: "Trade",
      Status: "Completed",
      Amount_In_Dollars: count(fill.count),
      Original_Date: utc(fill.second),
      Fee_In_Dollars: fill.fee.toString(),
      Market_Title: `Is it **${fill.ticker}**, "yes" or no?`,
      Market_Ticker: fill.ticker,
      Direction: fill.long === "yes" ? "Yes" : "No",
      Price_In_Cents: fill.price.times(100).toString(),
    } as Record<string, string>,
  }));
  const paid = settlements.map(({ second, ticker, value }) => {
    const of = (side: "yes" | "no") => fills.filter((fill) => fill.ticker === ticker && fill.long === side);
    const owned = (side: "yes" | "no") => of(side).reduce((sum, fill) => sum.plus(fill.count), ZERO);
    const average = (side: "yes" | "no"): string => {
      const cost = of(side).reduce((sum, fill) => sum.plus(priceOf(side, fill.price).times(fill.count)), ZERO);
      const each = owned(side).eq(0) ? ZERO : cost.div(owned(side));
      return (style.averages === "cents" ? each.times(100) : each).toDecimalPlaces(2).toString();
    };
    const payout = owned("yes")
      .times(value)
      .plus(owned("no").times(ONE.minus(value)));
    return {
      second,
      row: {
        type: "Settlement",
        Original_Date: utc(second),
        Market_Ticker: ticker,
        Result: value.eq(1) ? "yes" : value.eq(0) ? "no" : "scalar",
        Yes_Contracts_Owned: count(owned("yes")),
        No_Contracts_Owned: count(owned("no")),
        Yes_Contracts_Average_Price_In_Cents: average("yes"),
        No_Contracts_Average_Price_In_Cents: average("no"),
        Profit_In_Dollars: payout.toString(),
      } as Record<string, string>,
    };
  });
  const deposit = {
    second: 0,
    row: {
      type: "Deposit",
      Status: "Applied",
      Amount_In_Dollars: "25.5",
      Original_Date: utc(0),
      Deposit_Type: "ach",
      Fee_In_Dollars: "0",
    } as Record<string, string>,
  };
  const newestFirst = [...trades, ...paid, deposit].sort((a, b) => b.second - a.second);
  const rows = newestFirst.map(({ row }, at) => (style.unknown ? { ...row, "Brand New": `${at}` } : row));
  return csvOf(rows, style.unknown ? [...ACTIVITY, "Brand New"] : ACTIVITY, style);
}

function csvOf(
  rows: readonly Readonly<Record<string, string>>[],
  names: readonly string[],
  { bom, lineEnd, quoted, shuffle, capitals }: Pick<Style, "bom" | "lineEnd" | "quoted" | "shuffle" | "capitals">,
): string {
  const weight = (name: string): number => shuffle[names.indexOf(name)] ?? names.indexOf(name);
  const order = [...names].sort((a, b) => weight(a) - weight(b) || names.indexOf(a) - names.indexOf(b));
  const field = (text: string): string => (quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = order.map((name) => field(capitals ? name.toUpperCase() : name)).join(",");
  const lines = rows.map((row) => order.map((name) => field(row[name] ?? "")).join(","));
  return `${bom ? "\uFEFF" : ""}${[head, ...lines].join(lineEnd)}${lineEnd}`;
}

function utc(second: number): string {
  return new Date(second * 1000).toISOString();
}

/** What the clocks of New York show, with or without their offset: summer time by the law of 2007. */
export function newYork(second: number, offsets: boolean): string {
  const hours = isSummer(second) ? -4 : -5;
  const shown = new Date((second + hours * 3600) * 1000).toISOString().slice(0, 19);
  return offsets ? `${shown}-0${-hours}:00` : shown;
}

/** From the second Sunday of March to the first of November, at two in the morning of the clocks then in force. */
export function isSummer(second: number): boolean {
  const year = new Date(second * 1000).getUTCFullYear();
  return second >= sunday(year, 2, 8) + 7 * 3600 && second < sunday(year, 10, 1) + 6 * 3600;
}

/** Midnight UTC of the first Sunday at or after a day, in seconds. */
export function sunday(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month, day));
  return date.getTime() / 1000 + ((7 - date.getUTCDay()) % 7) * 86_400;
}
