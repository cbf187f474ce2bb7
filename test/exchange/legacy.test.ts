import { describe, expect, it } from "vitest";
import type { KalshiError } from "../../src/errors.js";
import { volumeGoalFields } from "../../src/exchange/account-limits.js";
import { parseBalance } from "../../src/exchange/balance.js";
import { candlestickFields, parseCandlestick } from "../../src/exchange/candlestick.js";
import {
  fillMessageFields,
  orderMessageFields,
  parseDelta,
  parseSnapshot,
  tickerMessageFields,
  tradeMessageFields,
} from "../../src/exchange/channel.js";
import { eventPositionFields } from "../../src/exchange/event-position.js";
import type { Fields } from "../../src/exchange/field.js";
import { recordParser } from "../../src/exchange/field.js";
import { fillFields } from "../../src/exchange/fill.js";
import { incentiveProgramFields } from "../../src/exchange/incentive-program.js";
import { marketFields } from "../../src/exchange/market.js";
import { operations } from "../../src/exchange/operations/all.js";
import { orderFields } from "../../src/exchange/order.js";
import {
  amendedFields,
  canceledFields,
  decreasedFields,
  placedFields,
  queuePositionFields,
} from "../../src/exchange/order-answer.js";
import { orderGroupFields } from "../../src/exchange/order-group.js";
import { parseOrderbook } from "../../src/exchange/orderbook.js";
import { positionFields } from "../../src/exchange/position.js";
import { seriesFields } from "../../src/exchange/series.js";
import { settlementFields } from "../../src/exchange/settlement.js";
import { shardBalanceFields } from "../../src/exchange/shard-balance.js";
import { subaccountBalanceFields } from "../../src/exchange/subaccount.js";
import { tradeFields } from "../../src/exchange/trade.js";
import { instanceTransferFields } from "../../src/exchange/transfer.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { expectError } from "../support/errors.js";

const records: readonly (readonly [noun: string, fields: Fields])[] = [
  ["market", marketFields],
  ["trade", tradeFields],
  ["order", orderFields],
  ["fill", fillFields],
  ["position", positionFields],
  ["event position", eventPositionFields],
  ["settlement", settlementFields],
  ["series", seriesFields],
  ["queue position", queuePositionFields],
  ["order group", orderGroupFields],
  ["incentive program", incentiveProgramFields],
  ["volume goal", volumeGoalFields],
  ["order message", orderMessageFields],
  ["fill message", fillMessageFields],
  ["ticker message", tickerMessageFields],
  ["trade message", tradeMessageFields],
];

/** Those whose amounts have kept their names. */
const plainly: typeof records = [
  ["order answer", placedFields],
  ["cancel answer", canceledFields],
  ["amend answer", amendedFields],
  ["decrease answer", decreasedFields],
  ["subaccount balance", subaccountBalanceFields],
  ["shard balance", shardBalanceFields],
  ["transfer between exchanges", instanceTransferFields],
];

/** Every amount whose name has no ending: a text today. */
const bare = [...records, ...plainly].flatMap(([noun, fields]) =>
  Object.values(fields).flatMap(({ wire: [name = ""], kind, form }) =>
    (kind === "dollars" || kind === "contracts") && form === "plain" && !/_dollars$|_fp$/.test(name)
      ? [{ noun, fields, name }]
      : [],
  ),
);

/** Every amount with an ending, and the name without it. */
const renamed = records.flatMap(([noun, fields]) =>
  Object.values(fields).flatMap(({ wire: [name = ""] }) => {
    const old = name.replace(/_dollars$|_fp$/, "");
    return old === name ? [] : [{ noun, fields, name, old }];
  }),
);

describe("a record in the shape before 2026", () => {
  it.each(renamed)("is refused: a $noun with `$old` for `$name`", ({ noun, fields, name, old }) => {
    const { [name]: _, ...rest } = newRecord(fields);
    for (const older of [{ [old]: 56 }, { [old]: 0 }, { [`${old}_fixed`]: "0.5600" }]) {
      for (const read of readers(noun, fields)) {
        const error = errorOf(() => read({ ...rest, ...older }));
        expect(error).toMatchObject({
          code: "LEGACY_FIELDS",
          context: { found: Object.keys(older)[0], replacement: name },
        });
        expect(error.hint).toContain(`\`${name}\``);
      }
    }
  });

  it.each(bare)("is refused: a $noun with a number under `$name`", ({ noun, fields, name }) => {
    for (const number of [56, 0]) {
      const error = errorOf(() => recordParser(noun, fields)({ ...newRecord(fields), [name]: number }));
      expect(error).toMatchObject({ code: "LEGACY_FIELDS", context: { found: name, replacement: name } });
      expect(error.hint).toMatch(new RegExp(`^use \`${name}\` \\(text of (?:dollars|contracts)\\)`));
    }
  });

  it.each(records)("is told to be old also where it lacks more than amounts: a %s", (noun, fields) => {
    const first = renamed.find((one) => one.noun === noun)!;
    for (const read of readers(noun, fields)) {
      expect(errorOf(() => read({ ticker: "SANDBOX-T1", [first.old]: 12 })).code).toBe("LEGACY_FIELDS");
    }
  });

  it.each(renamed)(
    "is read by the new name where it stands beside the old one: `$name` of a $noun",
    ({ fields, name, old, noun }) => {
      const parsed = recordParser(noun, fields)({ ...newRecord(fields), [old]: 56 });
      const column = Object.entries(fields).find(([, { wire }]) => wire[0] === name)![0];
      expect(parsed[column]).toBe(fields[column]!.kind === "dollars" ? 120_000 : 12);
      expect(parsed.extra).toEqual({ [old]: 56 });
    },
  );

  it("is refused: a balance in whole cents alone, which still stand beside the dollars", () => {
    const cents = { updated_ts: 1_770_000_000, balance: 1_250, portfolio_value: 300 };
    const error = errorOf(() => parseBalance(cents));
    expect(error.context).toMatchObject({ found: "balance", replacement: "balance_dollars" });
    expect(error.hint).toMatch(/^use `balance_dollars` \(text of dollars\); download the record again/);
    expect(parseBalance({ ...cents, balance_dollars: "12.5000" }).balance).toBe(12_500_000);
  });

  it("is refused for the price step that the bands have replaced", () => {
    const { price_ranges: _, ...rest } = newRecord(marketFields);
    const error = errorOf(() => recordParser("market", marketFields)({ ...rest, tick_size: 1 }));
    expect(error).toMatchObject({
      code: "LEGACY_FIELDS",
      context: { found: "tick_size", replacement: "price_ranges" },
    });
  });
});

describe("a candle in whole cents", () => {
  const span = { end_period_ts: 1_770_000_000 };
  const cents = { open: 51, high: 56, low: 50, close: 55 };
  const dollars = { open_dollars: "0.5100", high_dollars: "0.5600", low_dollars: "0.5000", close_dollars: "0.5500" };
  const old = {
    ...span,
    yes_bid: cents,
    yes_ask: cents,
    price: { ...cents, mean: 53, previous: 50 },
    volume: 12,
    open_interest: 9,
  };

  it("is refused by its prices in tables, whatever stands beside them", () => {
    const asked = { ticker: "SANDBOX-T1", period_interval: 60, start_period_ts: 1_769_996_400 };
    for (const part of ["price", "yes_bid", "yes_ask"]) {
      const candle = {
        ...asked,
        ...span,
        price: dollars,
        yes_bid: dollars,
        yes_ask: dollars,
        volume_fp: "12.00",
        [part]: cents,
      };
      const error = errorOf(() => parseCandlestick(candle));
      expect(error).toMatchObject({
        code: "LEGACY_FIELDS",
        context: { found: `${part}.open`, replacement: `${part}.open_dollars` },
      });
    }
    const error = errorOf(() => tableBuilder("candlestick", candlestickFields).add([{ ...asked, ...old }]));
    expect(error.code).toBe("LEGACY_FIELDS");
  });

  it("is refused by its count in tables", () => {
    const candle = {
      ticker: "SANDBOX-T1",
      period_interval: 60,
      start_period_ts: 1_769_996_400,
      ...span,
      price: dollars,
      volume: 12,
    };
    expect(errorOf(() => parseCandlestick(candle))).toMatchObject({
      code: "LEGACY_FIELDS",
      context: { found: "volume", replacement: "volume_fp" },
    });
  });

  it.each(["price", "yes_bid", "yes_ask"])("is refused in answers, by its %s", (part) => {
    const candle = {
      ...span,
      price: dollars,
      yes_bid: dollars,
      yes_ask: dollars,
      volume_fp: "1.00",
      open_interest_fp: "1.00",
    };
    const answer = { ticker: "SANDBOX-T1", candlesticks: [{ ...candle, [part]: cents }] };
    const { spec } = operations.getMarketCandlesticks;
    expect(errorOf(() => spec.answer.parse(answer, spec.id))).toMatchObject({
      code: "LEGACY_FIELDS",
      context: { found: "open", replacement: "open_dollars" },
    });
    answer.candlesticks = [candle];
    expect(() => spec.answer.parse(answer, spec.id)).not.toThrow();
  });
});

describe("a book in whole cents", () => {
  const sides = { yes: [[55, 100]], no: [[44, 20]] };

  it("is refused where its sides are named plainly", () => {
    for (const book of [sides, { yes: [[55, 100]], no: null }, { yes: null, no: [[44, 20]] }]) {
      expect(errorOf(() => parseOrderbook("SANDBOX-T1", book))).toMatchObject({
        code: "LEGACY_FIELDS",
        context: { replacement: expect.stringMatching(/^orderbook_fp\.(yes|no)_dollars$/) as unknown },
      });
    }
  });

  it("is refused under the name that answers had, even when it is empty", () => {
    const { spec } = operations.getMarketOrderbook;
    for (const orderbook of [sides, { yes: [], no: [] }, {}]) {
      expect(errorOf(() => spec.answer.parse({ orderbook }, spec.id))).toMatchObject({
        code: "LEGACY_FIELDS",
        context: { found: "orderbook", replacement: "orderbook_fp.yes_dollars" },
      });
    }
    const several = operations.getMarketOrderbooks.spec;
    const old = { orderbooks: [{ ticker: "SANDBOX-T1", orderbook: sides }] };
    expect(errorOf(() => several.answer.parse(old, several.id)).code).toBe("LEGACY_FIELDS");
  });

  it("is read by the new name where it stands beside the old one", () => {
    const { spec } = operations.getMarketOrderbook;
    const answer = { orderbook: sides, orderbook_fp: { yes_dollars: [["0.5500", "100.00"]], no_dollars: null } };
    expect(spec.answer.parse(answer, spec.id)).toEqual({
      orderbook: { yes: [{ price: 550_000, count: 10_000 }], no: [], extra: null },
      extra: { orderbook: sides },
    });
  });
});

describe("a message of the socket in whole cents", () => {
  const market_ticker = "SANDBOX-T1";

  it.each([
    ["both sides", { yes: [[55, 100]], no: [[44, 20]] }, "yes", "yes_dollars_fp"],
    ["an empty book", { yes: [], no: [] }, "yes", "yes_dollars_fp"],
    ["whole contracts at prices in dollars", { yes_dollars: [["0.5500", 100]] }, "yes_dollars", "yes_dollars_fp"],
    ["one side in today's shape", { yes_dollars_fp: [["0.5500", "1.00"]], no: [[44, 20]] }, "no", "no_dollars_fp"],
  ])("is refused: a snapshot with %s", (_, book, found, replacement) => {
    const error = errorOf(() => parseSnapshot({ market_ticker, ...book }));
    expect(error).toMatchObject({ code: "LEGACY_FIELDS", context: { found, replacement } });
  });

  it("is not what a snapshot is in today's shape, of which an empty side is left out", () => {
    const today = { market_ticker, yes_dollars_fp: [["0.5500", "1.00"]] };
    for (const beside of [{}, { no: [] }, { yes: [[55, 1]], yes_dollars: [["0.5500", 1]], no: null }]) {
      expect(parseSnapshot({ ...today, ...beside })).toEqual({
        ticker: market_ticker,
        yes: [{ price: 550_000, count: 100 }],
        no: [],
      });
    }
    expect(parseSnapshot({ market_ticker })).toEqual({ ticker: market_ticker, yes: [], no: [] });
  });

  it("is refused: a delta by its price and its count", () => {
    const delta = { market_ticker, side: "yes", price_dollars: "0.5500", delta_fp: "1.00" };
    const { price_dollars: _, ...priced } = { ...delta, price: 55 };
    const { delta_fp: __, ...counted } = { ...delta, delta: 1 };
    expect(errorOf(() => parseDelta(priced)).context).toMatchObject({ found: "price", replacement: "price_dollars" });
    expect(errorOf(() => parseDelta(counted)).context).toMatchObject({ found: "delta", replacement: "delta_fp" });
  });
});

describe("an event with nested markets in whole cents", () => {
  it("is refused as a market is", () => {
    const { spec } = operations.getEvent;
    const event = {
      event_ticker: "SANDBOX",
      series_ticker: "SANDBOX",
      title: "",
      sub_title: "",
      mutually_exclusive: false,
    };
    const answer = {
      event: { ...event, collateral_return_type: "", markets: [{ ticker: "SANDBOX-T1", yes_bid: 55 }] },
    };
    expect(errorOf(() => spec.answer.parse(answer, spec.id))).toMatchObject({
      code: "LEGACY_FIELDS",
      context: { noun: "market", replacement: "yes_bid_dollars" },
    });
  });
});

/** The three ways in which a record is read: by itself, into a table, and into a table behind a good one. */
function readers(noun: string, fields: Fields): readonly ((raw: unknown) => unknown)[] {
  return [
    (raw) => recordParser(noun, fields)(raw),
    (raw) => tableBuilder(noun, fields).add([raw]),
    (raw) => tableBuilder(noun, fields).add([newRecord(fields), raw]),
  ];
}

/** A record with every field, in today's shape. */
function newRecord(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.values(fields).map(({ kind, form, wire }) => [wire[0]!, form === "plain" ? plain[kind] : 12]),
  );
}

const plain = {
  dollars: "0.1200",
  contracts: "0.12",
  time: "2026-11-02T12:00:00Z",
  text: "text",
  uuid: "0f0f0f0f-0000-4000-8000-000000000001",
  integer: 1,
  number: 1.5,
  boolean: true,
  json: [],
};

/** The error of a call that is refused for its old shape. */
function errorOf(call: () => unknown): KalshiError {
  return expectError(call, "LEGACY_FIELDS", /^use `.+`/);
}
