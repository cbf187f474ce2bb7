import { type Frame, tableOfRecords } from "../../frames/frame.js";
import { transactionFields, transactionsFrame } from "../../frames/transactions.js";
import { CONTRACT, type Count } from "../../units/count.js";
import { AMOUNT_DECIMALS } from "../../units/money.js";
import { DOLLAR, formatPrice, type Price } from "../../units/price.js";
import { ExactSum, toMicros } from "../../units/sum.js";
import type { AccountTables } from "./account-file.js";
import { fillsTable, type MadeFill } from "./made-fills.js";
import { settlementsTable } from "./made-settlements.js";
import type { Notes } from "./notes.js";
import { type AccountRecord, cutCounts, namedUnit, noteRounding, type Reading, recordsOf } from "./records.js";
import { placesOf, type Sheet } from "./sheet.js";

const ROUNDED = {
  money: ["open_fees", "close_fees", "realized", "net"],
  price: ["open_price", "close_price"],
  time: "closed_time",
};

/**
 * The exchange's own closed lots, oldest first within a market. Each makes two fills, one that opened it and one that closed it; what was
 * settled is closed by a fill at what it paid, since the file does not tell the two apart.
 */
export function transactionTables(sheet: Sheet, notes: Notes): AccountTables {
  const reading: Reading = {
    fields: transactionFields,
    places: placesOf(transactionFields, sheet.names),
    unitOf: (_, place) => namedUnit(place),
    isMeant: () => true,
    isAside: () => false,
  };
  const isExact = cutCounts(sheet, reading, ["count"]);
  const read = recordsOf(sheet, reading, notes).map((record) => ({
    ...record,
    count_exact: isLot(record) ? isExact(record, record.closed_time) : null,
  }));
  const records = inOwnPrices(read, notes);
  noteRounding(records, ROUNDED, notes);
  noteDifference(records, notes);
  const extra = records.some((record) => record.extra !== null);
  const frame: Frame = transactionsFrame;
  return {
    table: tableOfRecords(frame, records, { extra }),
    fills: fillsTable(sheet.path, fillsOf(records, notes)),
    settlements: settlementsTable([]),
  };
}

/**
 * The records with the prices of the side held. Some files give YES prices for NO too; a lot's profit tells which, as it has the sign of
 * closing less opening price of what was held. Lots without profit follow the others.
 */
function inOwnPrices(records: readonly AccountRecord[], notes: Notes): AccountRecord[] {
  const told = records.map((record) => (record.side === "no" ? pricesOfYes(record) : null));
  const [yes, own] = [told.filter((one) => one === true).length, told.filter((one) => one === false).length];
  if (yes > 0)
    notes.say(`prices of NO are YES prices in the file (${yes} of ${yes + own} lots tell): turned into NO prices`);
  return records.map((record, row) => {
    if (record.side !== "no" || !(told[row] ?? yes > own)) return record;
    const turned = (price: unknown): Price | null => (price === null ? null : DOLLAR - (price as Price));
    return { ...record, open_price: turned(record.open_price), close_price: turned(record.close_price) };
  });
}

/** Credits have no market, and are none even if they had. */
function isLot({ type, ticker }: AccountRecord): boolean {
  return ticker !== null && type.trim().toLowerCase() !== "credit";
}

/** Null where the profit does not tell. */
function pricesOfYes(record: AccountRecord): boolean | null {
  const { open_price, close_price } = record;
  const realized = realizedBy(record);
  if (open_price === null || close_price === null || realized === null) return null;
  const [rise, profit] = [Math.sign((close_price as Price) - (open_price as Price)), Math.sign(realized)];
  return rise === 0 || profit === 0 ? null : rise !== profit;
}

/** Profit without fees; null where the file does not tell. */
function realizedBy({ realized, net, open_fees, close_fees }: AccountRecord): Price | null {
  if (realized !== null || net === null) return realized as Price | null;
  return (net as Price) + ((open_fees ?? 0) as Price) + ((close_fees ?? 0) as Price);
}

/** Says where counts and prices of the lots do not make the profit that stands beside them. */
function noteDifference(records: readonly AccountRecord[], notes: Notes): void {
  const [told, made] = [new ExactSum(), new ExactSum()];
  for (const record of records.filter(isLot)) {
    const { count, open_price, close_price } = record;
    told.addProduct(realizedBy(record) ?? 0, CONTRACT);
    made.addProduct(((close_price ?? 0) as Price) - ((open_price ?? 0) as Price), (count ?? 0) as Count);
  }
  const [file, ours] = [told.value(), made.value()].map((sum) => formatPrice(toMicros(sum, AMOUNT_DECIMALS), 2));
  if (file !== ours) notes.say(`the lots realized $${file} as the file has it, $${ours} by their counts and prices`);
}

function fillsOf(records: readonly AccountRecord[], notes: Notes): MadeFill[] {
  return records.flatMap((record) => {
    if (!isLot(record)) {
      notes.add(`\`${record.type}\` is no lot and makes no fill`, record.line);
      return [];
    }
    const { ticker, side, count, opened_time, closed_time, open_price, close_price } = record;
    const lacking = Object.entries({ side, count, opened_time, closed_time, open_price, close_price }).find(
      ([name, value]) => value === null || (name === "side" && value !== "yes" && value !== "no"),
    );
    if (lacking !== undefined) {
      notes.add(`a lot without a usable \`${lacking[0]}\` makes no fill`, record.line);
      return [];
    }
    const isYes = side === "yes";
    const one = (part: 1 | 2, time: unknown, toYes: boolean, price: unknown, fee: unknown): MadeFill => ({
      part,
      line: record.line,
      created_time: time as number,
      ticker: ticker as string,
      outcome_side: toYes ? "yes" : "no",
      yes_price: isYes ? (price as Price) : DOLLAR - (price as Price),
      count: count as number,
      count_exact: record.count_exact as boolean,
      fee_cost: (fee ?? 0) as Price,
    });
    return [
      one(1, opened_time, isYes, open_price, record.open_fees),
      one(2, closed_time, !isYes, close_price, record.close_fees),
    ];
  });
}
