import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import type { Recording } from "../../src/lab/recording.js";
import { runCli } from "../support/cli.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";
import { recordOrders } from "../support/recorded-orders.js";

const TICKERS = ["SANDBOX-LIVE-T55", "SANDBOX-LIVE-T45"];
const CENTS = 10_000;

/** Best YES bid and ask with their contracts, of plain maps from price to contracts. */
function best(yes: Map<number, number>, no: Map<number, number>): (number | null)[] {
  const top = (side: Map<number, number>) => (side.size === 0 ? null : Math.max(...side.keys()));
  const [bid, against] = [top(yes), top(no)];
  return [
    bid,
    bid === null ? null : yes.get(bid)!,
    against === null ? null : 100 * CENTS - against,
    against === null ? null : no.get(against)!,
  ];
}

/** The best quotes after each change of a book, kept in plain maps. */
async function plainQuotes(recording: Recording, ticker: string): Promise<(number | null)[][]> {
  const books = { yes: new Map<number, number>(), no: new Map<number, number>() };
  const rows: (number | null)[][] = [];
  for await (const event of recording) {
    if (event.type === "snapshot" && event.ticker === ticker) {
      for (const side of ["yes", "no"] as const)
        books[side] = new Map(event[side].map(({ price, count }) => [price, count]));
    } else if (event.type === "delta" && event.ticker === ticker) {
      const left = (books[event.side].get(event.price) ?? 0) + event.delta;
      if (left === 0) books[event.side].delete(event.price);
      else books[event.side].set(event.price, left);
    } else continue;
    rows.push(best(books.yes, books.no));
  }
  return rows;
}

describe("tables of a recording of the sandbox", () => {
  const root = mkdtempSync(join(tmpdir(), "kalshi-lab-tables-"));
  const dir = join(root, "recording");
  let running: LabAndSandbox;
  let recording: Recording;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "tables" });
    recording = await recordOrders(running, TICKERS, dir);
  }, 60_000);

  afterAll(async () => {
    await running.close();
    rmSync(root, { recursive: true, force: true });
  });

  it("have every trade that the exchange lists between the first and the last, and no other, in price, contracts and taker", async () => {
    const told = (row: object) =>
      ["trade_id", "ticker", "yes_price", "count", "taker_outcome_side"]
        .map((name) => Reflect.get(row, name))
        .join(" ");
    const rows = (await recording.trades()).objects() as Record<string, unknown>[];
    const times = rows.map(({ created_time }) => Number(created_time));
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const listed: string[] = [];
    for (const ticker of TICKERS) {
      const table = await running.lab.trades({
        ticker,
        from: new Date(first - 1),
        to: new Date(last + 1),
      });
      const within = (table.objects() as { created_time: number }[]).filter(
        // The channel tells a trade's time in whole milliseconds.
        ({ created_time }) => Math.floor(created_time) >= first && Math.floor(created_time) <= last,
      );
      listed.push(...within.map(told));
    }
    const recorded = rows.map(told);
    expect(recorded.length).toBeGreaterThanOrEqual(8);
    expect(listed.toSorted()).toEqual(recorded.toSorted());
  });

  it("have bars whose contracts and trades add up to those of the trades", async () => {
    for (const ticker of TICKERS) {
      let [contracts, trades] = [0, 0];
      for await (const trade of recording.trades({ ticker }).rows())
        [contracts, trades] = [contracts + trade.count, trades + 1];
      let [volume, counted] = [0, 0];
      for await (const bar of recording.bars({ ticker, every: "1s" }).rows())
        [volume, counted] = [volume + bar.volume, counted + bar.trades];
      expect([volume, counted]).toEqual([contracts, trades]);
    }
  });

  it("have only quotes that stood in a plain book, in its order, no two alike in a row, the last one as it ended", async () => {
    for (const ticker of TICKERS) {
      const plain = (await plainQuotes(recording, ticker)).map(String);
      const quotes: string[] = [];
      for await (const quote of recording.quotes({ ticker }).rows())
        if (quote.trust === "ok")
          quotes.push(String([quote.yes_bid, quote.yes_bid_size, quote.yes_ask, quote.yes_ask_size]));
      let at = -1;
      for (const quote of quotes) {
        at = plain.indexOf(quote, at + 1);
        expect(at, quote).not.toBe(-1);
      }
      expect(quotes.at(-1)).toBe(plain.at(-1));
      expect(quotes.every((quote, row) => quote !== quotes[row - 1])).toBe(true);
    }
  });

  it("are the same rows when exported to CSV and Parquet", async () => {
    for (const [as, table] of [
      ["quotes", await recording.quotes()],
      ["trades", await recording.trades()],
      ["depth", await recording.depth({ levels: 3 })],
    ] as const) {
      for (const ending of ["csv", "parquet"]) {
        const to = join(root, `${as}.${ending}`);
        const levels = as === "depth" ? ["--levels", "3"] : [];
        const { code, stderr } = await runCli(["export", dir, "--to", to, "--as", as, ...levels]);
        expect(code, stderr).toBe(0);
        expect((await readTable(to)).objects(), to).toEqual(table.objects());
      }
    }
  }, 60_000);
});
