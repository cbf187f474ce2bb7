import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { literal, withConnection } from "../../../src/datasets/duckdb.js";
import { partFile, putFile } from "../../../src/datasets/library/change-files.js";
import { compactLibrary } from "../../../src/datasets/library/compact.js";
import { dataFilesIn, partitionPath, partitionsIn } from "../../../src/datasets/library/partition.js";
import { readPartition } from "../../../src/datasets/library/partition-manifest.js";
import { settledBefore } from "../../../src/datasets/library/settled-again.js";
import type { Reread } from "../../../src/datasets/library/vanished.js";
import { verifyFolder } from "../../../src/datasets/verify/verify-folder.js";
import { saveTable } from "../../../src/datasets/write.js";
import { rawOf } from "../../../src/frames/exact.js";
import { tableOfRaw } from "../../../src/frames/frame.js";
import { provenance } from "../../../src/frames/provenance.js";
import { settlementsFrame } from "../../../src/frames/settlements.js";
import { SqlQuery } from "../../../src/lab/sql.js";
import { parseTime } from "../../../src/units/time.js";
import { rawTrade } from "../../frames/records.js";
import { SmallLibrary } from "../../support/small-library.js";

let root: string;
let library: SmallLibrary;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "library-"));
  library = await SmallLibrary.make(join(root, "datasets"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sql = (text: string) => new SqlQuery(text, { library: library.dir });

/** Trades of one of three days, told apart by a number. */
const tradeOn = (number: number, count: number) =>
  rawTrade(number, {
    count_fp: `${count}.00`,
    created_time: `2026-11-0${1 + (number % 3)}T23:59:${String(number % 60).padStart(2, "0")}.999999Z`,
  });

const settlement = (change: Readonly<Record<string, unknown>> = {}) => ({
  ticker: "KXTEST-1",
  event_ticker: "KXTEST",
  market_result: "yes",
  yes_count_fp: "2.00",
  yes_total_cost_dollars: "1.00",
  no_count_fp: "0.00",
  no_total_cost_dollars: "0.00",
  revenue: 200,
  value: 100,
  fee_cost: "0.0100",
  settled_time: "2026-11-01T10:00:00Z",
  subaccount_number: 0,
  ...change,
});

/** Settlements that came of a question for all of them, or those from a time on. */
const again = (rows: readonly unknown[], from: number | null = null) =>
  library.merge("settlements", null, rows, undefined, {}, { from, tickers: null, period: null });

describe("a library", () => {
  it("has after any batches what a list has that keeps the last of each key, in the folders of their days, each once", async () => {
    const batch = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 3 })), {
      selector: ([number]) => number,
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.boolean(), async (batches, compacting) => {
        const own = await SmallLibrary.make(mkdtempSync(join(root, "walk-")));
        const expected = new Map<number, number>();
        for (const rows of batches) {
          const fresh = rows.filter(([number]) => !expected.has(number)).length;
          const changed = rows.filter(([number, count]) => (expected.get(number) ?? count) !== count).length;
          const merged = await own.merge(
            "trades",
            "KXTEST",
            rows.map(([number, count]) => tradeOn(number, count)),
          );
          expect(merged).toMatchObject({ added: fresh, updated: changed, amended: changed });
          for (const [number, count] of rows) expected.set(number, count);
          if (compacting) await compactLibrary({ library: own.dir });
        }
        const found = await new SqlQuery(`SELECT trade_id, "count", date, created_time FROM trades ORDER BY trade_id`, {
          library: own.dir,
        });
        const numbers = (found.array("trade_id") as string[]).map((id) => Number.parseInt(id.slice(-12), 16));
        expect(numbers).toEqual([...expected.keys()].sort((a, b) => a - b));
        expect(rawOf(found, "count")).toEqual(numbers.map((number) => expected.get(number)! * 100));
        expect(rawOf(found, "date")).toEqual(
          rawOf(found, "created_time").map((time) => time! - (time! % 86_400_000_000)),
        );
        const verified = await verifyFolder(own.dir);
        expect(verified.faults).toEqual([]);
        expect(verified.rows).toBe(expected.size);
        if (compacting) for (const one of partitionsIn(own.dir)) expect(dataFilesIn(own.dir, one)).toHaveLength(1);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it("writes nothing when nothing is new, adds a file for new rows, and replaces the file whose row has changed", async () => {
    const names = () => dataFilesIn(library.dir, { kind: "trades", series: "S", date: "2026-11-01" });
    expect(await library.merge("trades", "S", [tradeOn(0, 1), tradeOn(3, 1)])).toMatchObject({ added: 2, files: 1 });
    expect(await library.merge("trades", "S", [tradeOn(3, 1)])).toMatchObject({ added: 0, updated: 0, files: 0 });
    expect(await library.merge("trades", "S", [tradeOn(3, 1), tradeOn(6, 1)])).toMatchObject({ added: 1, files: 1 });
    expect(names()).toEqual(["part-00001.parquet", "part-00002.parquet"]);
    const changed = await library.merge("trades", "S", [tradeOn(3, 7)]);
    expect(changed).toMatchObject({ added: 0, updated: 1, amended: 1, files: 1 });
    expect(changed.amendments).toEqual([
      {
        kind: "trades",
        series: "S",
        key: expect.stringMatching(/^0f0e0d0c-.*3$/) as string,
        changes: ["count: 1.00 → 7.00"],
      },
    ]);
    expect(names()).toHaveLength(2);
    expect(readdirSync(join(library.dir, "kind=trades", "series=S", "date=2026-11-01"))).toEqual(names());
  });

  it("tells a settlement that is told otherwise, and keeps two that are alike but for what they paid", async () => {
    await library.merge("settlements", null, [settlement(), settlement({ ticker: "KXTEST-2" })]);
    const amended = await library.merge("settlements", null, [settlement({ revenue: 0, market_result: "no" })]);
    expect(amended).toMatchObject({ added: 0, updated: 1, amended: 1 });
    expect(amended.amendments[0]?.changes).toEqual(["market_result: yes → no", "revenue: 2.000000 → 0.000000"]);
    expect((await sql("SELECT * FROM settlements")).numRows()).toBe(2);
    // Nobody could ask by subaccount, and two of them held the same market.
    const twins = [{ yes_count_fp: "1.00" }, { yes_count_fp: "5.00" }].map((change) =>
      settlement({ ...change, ticker: "KXTWIN", subaccount_number: null }),
    );
    await library.merge("settlements", null, twins);
    expect(await library.merge("settlements", null, twins)).toMatchObject({ added: 0, updated: 0 });
    expect((await sql("SELECT * FROM settlements WHERE ticker = 'KXTWIN'")).numRows()).toBe(2);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
  });

  it("has the later of two settlements of a market, and the amendment told, also when it was paid at another time of another day", async () => {
    const settled = async () =>
      (await sql("SELECT ticker, settled_time, revenue FROM settlements ORDER BY ticker, settled_time"))
        .objects()
        .map((row) => Object.values(row as object).join(" "));
    const times = (await sql("SELECT epoch_ms(TIMESTAMP '2026-11-05 12:00:00') AS a")).get("a", 0) as number;
    await library.merge("settlements", null, [settlement(), settlement({ ticker: "KXTEST-2" })]);
    const later = settlement({ settled_time: "2026-11-05T12:00:00Z", revenue: 0, market_result: "no" });
    const merged = await again([later, settlement({ ticker: "KXTEST-2" })]);
    expect(merged).toMatchObject({ added: 0, updated: 1, amended: 1 });
    expect(merged.amendments).toMatchObject([
      { kind: "settlements", key: expect.stringContaining("KXTEST-1") as string },
    ]);
    expect(merged.amendments[0]!.changes.map((change) => change.split(":")[0])).toEqual([
      "settled_time",
      "market_result",
      "revenue",
    ]);
    const now = await settled();
    expect(now).toEqual([`KXTEST-1 ${times} 0`, expect.stringMatching(/^KXTEST-2 /) as string]);
    // As a sync does that was killed before it had noted that it is done.
    expect(await again([later])).toMatchObject({ added: 0, updated: 0, files: 0 });
    expect(await settled()).toEqual(now);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
    await compactLibrary({ library: library.dir });
    expect(await settled()).toEqual(now);
  });

  it("removes the earlier of two settlements also when it was stopped between bringing in the later and that", async () => {
    await library.merge("settlements", null, [settlement()]);
    const later = settlement({ settled_time: "2026-11-01T12:00:00Z" });
    // What stands beside it is what a kill right there leaves: the later one came, the earlier one stayed.
    await library.merge("settlements", null, [settlement(), later]);
    expect((await sql("SELECT * FROM settlements")).numRows()).toBe(2);
    expect(await again([later])).toMatchObject({ amended: 1 });
    const left = await sql("SELECT settled_time FROM settlements");
    expect(rawOf(left, "settled_time")).toEqual([Date.parse("2026-11-01T12:00:00Z") * 1000]);
  });

  it("keeps the settlements that the exchange tells, amended or twice, however far apart it is asked", async () => {
    const dayOf = (day: number) => Date.parse("2026-10-01T10:00:00Z") + day * 86_400_000;
    const step = fc.record({
      what: fc.constantFrom("settle", "settle", "amend", "again", "sync", "sync"),
      market: fc.integer({ min: 1, max: 4 }),
      days: fc.integer({ min: 1, max: 9 }),
    });
    let [amended, doubled] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
        rmSync(library.dir, { recursive: true, force: true });
        library = await SmallLibrary.make(join(root, "datasets"));
        let told: { ticker: string; settled_time: string }[] = [];
        let [day, asked] = [0, null as number | null];
        const timeOf = ({ settled_time }: { settled_time: string }) => Date.parse(settled_time) * 1_000;
        const sync = async () => {
          // As a sync does: a week again, and more where that leaves open what has become of an earlier one.
          let from = asked === null ? null : (dayOf(asked) - 7 * 86_400_000) * 1_000;
          for (let first = from; first !== null; ) {
            from = first;
            const rows = told.filter((one) => timeOf(one) >= from!);
            const staged = join(root, "asked.parquet");
            await saveTable(tableOfRaw(settlementsFrame, rows), staged);
            first = await settledBefore(library.dir, staged, from);
            rmSync(staged);
          }
          await again(
            told.filter((one) => from === null || timeOf(one) >= from),
            from,
          );
          asked = day;
        };
        for (const { what, market, days } of [...steps, { what: "sync", market: 1, days: 1 }]) {
          day += days;
          const ticker = `KXTEST-${market}`;
          const had = told.some((one) => one.ticker === ticker);
          if (what === "sync") await sync();
          else if (what === "settle" ? !had : had) {
            if (what === "amend") told = told.filter((one) => one.ticker !== ticker);
            told.push(settlement({ ticker, settled_time: new Date(dayOf(day)).toISOString() }) as never);
            amended += what === "amend" ? 1 : 0;
            doubled += what === "again" ? 1 : 0;
          }
        }
        // Nothing was settled: there is no such view yet.
        if (told.length === 0) return;
        const rows = await sql("SELECT ticker, settled_time FROM settlements ORDER BY ALL");
        const kept =
          rows.numRows() === 0 ? [] : rawOf(rows, "settled_time").map((time, at) => [rows.get("ticker", at), time]);
        const expected = told.map((one) => [one.ticker, timeOf(one)]);
        expect(kept).toEqual(expected.sort((a, b) => (String(a) < String(b) ? -1 : 1)));
      }),
      { numRuns: 15 },
    );
    expect(Math.min(amended, doubled)).toBeGreaterThan(0);
  }, 120_000);

  it.each([0, 1])(
    "names the subaccount %s of a settlement that an earlier answer told without, and amends nothing",
    async (own) => {
      await again([settlement({ subaccount_number: null })]);
      const merged = await again([settlement({ subaccount_number: own })]);
      expect(merged).toMatchObject({ added: 0, updated: 1, amended: 0, vanished: { named: [], more: 0 } });
      // A key that may not see subaccounts does not take the name away.
      expect(await again([settlement({ subaccount_number: null })])).toMatchObject({ added: 0, updated: 0, files: 0 });
      expect((await sql("SELECT subaccount_number FROM settlements")).array("subaccount_number")).toEqual([own]);
      expect((await verifyFolder(library.dir)).faults).toEqual([]);
    },
  );

  it("keeps the settlements of the other subaccounts when a key tells those of one alone, without naming it", async () => {
    const [zero, one] = [settlement(), settlement({ subaccount_number: 1, yes_count_fp: "5.00" })];
    await again([zero, one]);
    for (const told of [one, { ...one, settled_time: "2026-11-03T10:00:00Z" }])
      expect(await again([{ ...told, subaccount_number: null }])).toMatchObject({ updated: 0, amended: 0 });
    const left = await sql(
      "SELECT subaccount_number AS own, yes_count::DOUBLE AS count FROM settlements WHERE own IS NOT NULL ORDER BY own",
    );
    expect(left.objects()).toEqual([
      { own: 0, count: 2 },
      { own: 1, count: 5 },
    ]);
  });

  it("removes what stands a second time without its subaccount", async () => {
    // As a library may hold it that was synced before the two were known to be one.
    await library.merge("settlements", null, [settlement({ subaccount_number: null }), settlement()]);
    expect(await again([settlement()])).toMatchObject({ added: 0, amended: 0 });
    expect((await sql("SELECT subaccount_number FROM settlements")).array("subaccount_number")).toEqual([0]);
  });

  it("has of any answers what the last full one tells, whichever keys asked before and however it was split into syncs", async () => {
    const one = fc.record({
      ...{ market: fc.integer({ min: 1, max: 2 }), own: fc.integer({ min: 0, max: 2 }) },
      ...{ day: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 3 }) },
    });
    const all = fc.uniqueArray(one, { selector: ({ market, own, day }) => `${market} ${own} ${day}`, maxLength: 8 });
    // Who asks on which day: a key that sees every subaccount, one that is told of all without names, or one that is locked to one.
    const asked = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom("full", "untold", 0, 1)), {
      maxLength: 5,
    });
    const own =
      "SELECT ticker, day(settled_time) AS day, subaccount_number AS own, yes_count::DOUBLE AS count FROM settlements ORDER BY ALL";
    await fc.assert(
      fc.asyncProperty(fc.tuple(all, asked, fc.nat({ max: 7 })), async ([records, asks, amended]) => {
        rmSync(library.dir, { recursive: true, force: true });
        library = await SmallLibrary.make(join(root, "datasets"));
        const wire = (record: (typeof records)[number], isNamed: boolean) =>
          settlement({
            ticker: `KXTEST-${record.market}`,
            settled_time: `2026-11-0${record.day}T10:00:00Z`,
            yes_count_fp: `${record.count}.00`,
            subaccount_number: isNamed ? record.own : null,
          });
        const ordered = [...asks].sort(([a], [b]) => a - b);
        for (const [day, who] of ordered) {
          const told = records.filter((record) => record.day <= day && (typeof who === "string" || record.own === who));
          await again(told.map((record) => wire(record, who === "full")));
        }
        const now = records.map((record, at) => (at === amended ? { ...record, count: record.count + 10 } : record));
        await again(now.map((record) => wire(record, true)));
        const expected = now.map(({ market, day, own, count }) => [`KXTEST-${market}`, day, own, count]);
        const kept =
          now.length === 0
            ? []
            : (await sql(own))
                .objects()
                .map((row) =>
                  Object.values(row as object).map((value) =>
                    typeof value === "bigint" ? Number(value) : (value as unknown),
                  ),
                );
        expect(kept.map(String)).toEqual(expected.map(String).sort());
        expect((await verifyFolder(library.dir)).faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 180_000);

  it("keeps both of two settlements of a market that the exchange tells together, and those of other subaccounts", async () => {
    const both = [settlement(), settlement({ settled_time: "2026-11-03T10:00:00Z" })];
    await library.merge("settlements", null, both);
    await library.merge("settlements", null, both);
    await library.merge("settlements", null, [
      settlement({ settled_time: "2026-11-06T10:00:00Z", subaccount_number: 1 }),
    ]);
    expect((await sql("SELECT * FROM settlements")).numRows()).toBe(3);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
  });

  it("keeps what the exchange does not tell any more of what was read again, and names it", async () => {
    const at = (number: number, time: string, ticker = "KXTEST-1") => rawTrade(number, { created_time: time, ticker });
    const old = at(1, "2026-11-01T10:00:00Z");
    const gone = at(2, "2026-11-02T10:00:00Z");
    const other = at(3, "2026-11-02T11:00:00Z", "KXTEST-2");
    const from = parseTime("2026-11-02T00:00:00Z");
    await library.merge("trades", "S", [old, gone, other]);
    const again = [at(4, "2026-11-02T12:00:00Z")];
    const asked = async (reread?: Reread) =>
      (await library.merge("trades", "S", again, "2026-11-20T00:00:00Z", {}, reread)).vanished;
    const entry = {
      ticker: "KXTEST-1",
      key: gone.trade_id,
      time: "2026-11-02T10:00:00Z",
      since: "2026-11-20T00:00:00Z",
    };
    expect(await asked()).toEqual({ named: [], more: 0 });
    expect(await asked({ from, tickers: ["KXTEST-1"], period: null })).toEqual({ named: [entry], more: 0 });
    const all = await asked({ from, tickers: null, period: null });
    expect(all.named.map(({ key }) => key)).toEqual([gone.trade_id, other.trade_id]);
    expect((await asked({ from: null, tickers: null, period: null })).named).toHaveLength(3);
    expect((await sql("SELECT * FROM trades")).numRows()).toBe(4);
  });

  it("lets a text take the place of ids that are none, and rows of before stay what they were", async () => {
    await library.merge("trades", "S", [tradeOn(0, 1)]);
    await library.merge("trades", "S", [{ ...tradeOn(3, 1), trade_id: "no-uuid" }]);
    await library.merge("trades", "S", [tradeOn(0, 2), { ...tradeOn(3, 1), trade_id: "no-uuid" }]);
    const all = await sql("SELECT trade_id FROM trades ORDER BY 1");
    expect(all.array("trade_id")).toEqual([tradeOn(0, 1).trade_id, "no-uuid"]);
    await compactLibrary({ library: library.dir });
    const after = await sql("SELECT trade_id FROM trades");
    expect([after.numRows(), provenance(after)?.complete]).toEqual([2, true]);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
  });

  it("takes files that an earlier version has written with fewer columns, absent there, and brings them up when they are merged", async () => {
    const partition = { kind: "trades", series: "S", date: "2026-11-01" };
    await library.merge("trades", "S", [tradeOn(0, 1), tradeOn(3, 1)]);
    const dir = join(library.dir, partitionPath(partition));
    const [whole, cut] = [join(dir, "part-00001.parquet"), join(root, "cut.parquet")];
    await withConnection(async (connection) => {
      const older = `SELECT * EXCLUDE (is_block_trade) FROM read_parquet(${literal(whole)}, hive_partitioning = false)`;
      await connection.run(`COPY (${older}) TO ${literal(cut)} (FORMAT parquet)`);
    });
    const manifest = readPartition(library.dir, partition)!;
    const columns = manifest.columns.filter(({ name }) => name !== "is_block_trade");
    const part = await partFile(cut, { file: "part-00001.parquet", rows: 2, columns: columns.length });
    await putFile(library.dir, partition, { ...manifest, columns }, { path: cut, part });
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
    expect(await library.merge("trades", "S", [tradeOn(6, 1)])).toMatchObject({ added: 1, updated: 0 });
    const blocks = async () =>
      (await sql("SELECT is_block_trade FROM trades ORDER BY trade_id")).array("is_block_trade");
    expect(await blocks()).toEqual([null, null, false]);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
    expect(await library.merge("trades", "S", [tradeOn(3, 1)])).toMatchObject({ added: 0, updated: 1 });
    expect(await blocks()).toEqual([null, false, false]);
    expect(await compactLibrary({ library: library.dir })).toMatchObject({ partitions: 1 });
    expect(await blocks()).toEqual([null, false, false]);
    expect((await verifyFolder(library.dir)).faults).toEqual([]);
  });

  it("removes an amended settlement from a file that an earlier version has written with fewer columns", async () => {
    const [one, two] = [settlement(), settlement({ ticker: "KXTEST-2" })];
    await again([one, two]);
    const partition = { kind: "settlements", series: null, date: "2026-11-01" };
    const [whole, cut] = [join(library.dir, partitionPath(partition), "part-00001.parquet"), join(root, "cut.parquet")];
    await withConnection(async (connection) => {
      const older = `SELECT * EXCLUDE (exchange_index) FROM read_parquet(${literal(whole)}, hive_partitioning = false)`;
      await connection.run(`COPY (${older}) TO ${literal(cut)} (FORMAT parquet)`);
    });
    const manifest = readPartition(library.dir, partition)!;
    const part = await partFile(cut, { file: "part-00001.parquet", rows: 2, columns: manifest.columns.length - 1 });
    await putFile(library.dir, partition, manifest, { path: cut, part });
    await again([settlement({ settled_time: "2026-11-02T10:00:00Z" }), two]);
    const left = await sql("SELECT ticker, settled_time::DATE::VARCHAR AS day FROM settlements ORDER BY ALL");
    expect(left.objects()).toEqual([
      { ticker: "KXTEST-1", day: "2026-11-02" },
      { ticker: "KXTEST-2", day: "2026-11-01" },
    ]);
  });

  it("says of each day whether it was over when it was asked", async () => {
    await library.merge("trades", "S", [tradeOn(0, 1), tradeOn(1, 1)], "2026-11-02T10:00:00Z");
    const [first, second] = ["2026-11-01", "2026-11-02"].map((date) =>
      readPartition(library.dir, { kind: "trades", series: "S", date }),
    );
    expect(first).toMatchObject({ complete: true, why: null });
    expect(second).toMatchObject({ complete: false, why: expect.stringMatching(/was not over/) as string });
    expect(provenance(await sql("SELECT * FROM trades"))).toMatchObject({
      complete: false,
      why: expect.stringMatching(/date=2026-11-02: the day was not over/) as string,
    });
    const { incomplete, faults } = await verifyFolder(library.dir);
    expect(faults).toEqual([]);
    expect(incomplete.map(({ path }) => path)).toEqual([
      partitionPath({ kind: "trades", series: "S", date: "2026-11-02" }),
    ]);
  });
});
