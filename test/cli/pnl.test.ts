import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { rawOf } from "../../src/frames/exact.js";
import { expectFailure, runCli } from "../support/cli.js";

const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-pnl-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fill = {
  fill_id: "00000000-0000-4000-8000-000000000001",
  order_id: "00000000-0000-4000-8000-000000000002",
  trade_id: "00000000-0000-4000-8000-000000000003",
  ticker: "SANDBOX-26OCT01-A",
  side: "yes",
  action: "buy",
  count_fp: "10.00",
  yes_price_dollars: "0.5600",
  no_price_dollars: "0.4400",
  fee_cost: "0.1800",
  is_taker: true,
  created_time: "2026-10-01T11:00:00Z",
};

/** Of a market that the fills know nothing of. */
const settlement = {
  settled_time: "2026-10-01T12:00:00Z",
  ticker: "SANDBOX-26OCT01-B",
  market_result: "yes",
  yes_count_fp: "3.00",
  yes_total_cost_dollars: "1.500000",
  no_count_fp: "0.00",
  no_total_cost_dollars: "0.000000",
  revenue: 300,
  value: 100,
  fee_cost: "0.010000",
};

describe("kalshi-lab pnl", () => {
  it.each([
    ["with --json, whose shape has no room for it", ["--json"]],
    ["without", []],
  ])("tells on stderr which positions have no mark and what was doubtful: %s", async (_, flags) => {
    const [fills, settlements] = [join(dir, "fills.ndjson"), join(dir, "settlements.ndjson")];
    writeFileSync(fills, `${JSON.stringify(fill)}\n`);
    writeFileSync(settlements, `${JSON.stringify(settlement)}\n`);
    const { code, stdout, stderr } = await runCli(["pnl", "--fills", fills, "--settlements", settlements, ...flags]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/without a mark.*SANDBOX-26OCT01-A/);
    expect(stderr).toMatch(/^note: SANDBOX-26OCT01-B: the exchange settled a position of 3.00/m);
    if (flags.length === 0) return;
    const profit = JSON.parse(stdout) as { markets: readonly object[]; total: object };
    expect(Object.keys(profit)).toEqual(["markets", "total"]);
    expect(Object.keys(profit.markets[0]!)).toEqual(["ticker", "position", "realized", "unrealized", "fees", "net"]);
  });
});

describe("kalshi-lab pnl with more than profit by market", () => {
  const [fills, markets] = [join(dir, "own.ndjson"), join(dir, "markets.csv")];
  const second = { ...fill, fill_id: "00000000-0000-4000-8000-000000000009", outcome_side: "no", side: "no" };
  const closing = { ...second, count_fp: "4.00", yes_price_dollars: "0.7000", no_price_dollars: "0.3000" };
  writeFileSync(
    fills,
    [fill, { ...closing, fee_cost: "0.0600", created_time: "2027-01-01T03:00:00Z" }]
      .map((one) => JSON.stringify(one))
      .join("\n"),
  );
  writeFileSync(
    markets,
    "ticker,event_ticker,settlement_value,yes_bid,yes_ask,last_price\nSANDBOX-26OCT01-A,SANDBOX-26OCT01,,0.600000,0.640000,0.660000\n",
  );
  const run = async (...flags: string[]) => {
    const ended = await runCli(["pnl", "--fills", fills, ...flags]);
    expect(ended.code, ended.stderr).toBe(0);
    return ended;
  };
  const json = async (...flags: string[]) =>
    JSON.parse((await run("--json", ...flags)).stdout) as Record<string, unknown>;

  it("marks by midpoint, by last trade, or by a file of prices, CSV or JSON", async () => {
    const [table, object] = [join(dir, "marks.csv"), join(dir, "marks.json")];
    writeFileSync(table, "ticker,mark\nSANDBOX-26OCT01-A,0.58\nSANDBOX-26OCT01-B,\n");
    writeFileSync(object, '{"SANDBOX-26OCT01-A":"0.5"}');
    const unrealized = async (...flags: string[]) => (await json(...flags)).total as { unrealized: string };
    expect(await unrealized("--markets", markets, "--marks", "midpoint")).toMatchObject({ unrealized: "0.360000" });
    expect(await unrealized("--markets", markets, "--marks", "last")).toMatchObject({ unrealized: "0.600000" });
    expect(await unrealized("--marks", table)).toMatchObject({ unrealized: "0.120000" });
    expect(await unrealized("--marks", object)).toMatchObject({ unrealized: "-0.360000" });
  });

  it("settles by the exact value of a market where a settlement has whole cents", async () => {
    const [settlements, exact] = [join(dir, "scalar.ndjson"), join(dir, "exact.csv")];
    const scalar = { ...settlement, ticker: fill.ticker, market_result: "scalar", value: 56, yes_count_fp: "6.00" };
    writeFileSync(settlements, JSON.stringify(scalar));
    writeFileSync(exact, `ticker,settlement_value\n${fill.ticker},0.565000\n`);
    const flags = ["--settlements", settlements];
    expect((await json(...flags)).total).toMatchObject({ realized: "0.560000" });
    expect((await json(...flags, "--markets", exact)).total).toMatchObject({ realized: "0.590000" });
  });

  it("adds to its JSON what is asked for and nothing else, money and times as exact text", async () => {
    const found = await json(
      "--markets",
      markets,
      "--events",
      "--lots",
      "--open-lots",
      "--cash",
      "--zone",
      "America/New_York",
    );
    expect(Object.keys(found)).toEqual(["markets", "total", "events", "lots", "open_lots", "cash"]);
    expect(found.events).toMatchObject([
      { event_ticker: "SANDBOX-26OCT01", markets: 1, realized: "0.560000", fees: "0.240000" },
    ]);
    expect(found.lots).toMatchObject([
      {
        event_ticker: "SANDBOX-26OCT01",
        count: "4.00",
        opened_time: "2026-10-01T11:00:00.000000Z",
        opened_date: "2026-10-01",
        closed_date: "2026-12-31",
        cost: "2.240000",
        proceeds: "2.800000",
        open_fees: "0.072000",
        close_fees: "0.060000",
        realized: "0.560000",
        net: "0.428000",
        zone: "America/New_York",
      },
    ]);
    expect(found.open_lots).toMatchObject([{ count: "6.00", cost: "3.360000", open_fees: "0.108000" }]);
    expect(found.cash).toContainEqual({ line: "change of balance", dollars: "-3.040000" });
    expect(Object.keys(await json())).toEqual(["markets", "total"]);
  });

  it("saves a table that is given a file, and says what lots add up to", async () => {
    const [csv, parquet] = [join(dir, "lots.csv"), join(dir, "cash.parquet")];
    const { stdout, stderr } = await run("--json", "--lots", csv, "--cash", parquet);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["markets", "total"]);
    expect(stderr).toContain(
      "1 rows; cost 2.240000  proceeds 2.800000  realized 0.560000  open_fees 0.072000  fees 0.132000  net 0.428000",
    );
    expect(rawOf(await readTable(csv), "realized")).toEqual([560_000]);
    expect((await readTable(parquet)).numRows()).toBe(7);
  });

  it("takes a year by the calendar of the zone", async () => {
    const lots = async (...flags: string[]) => ((await json("--lots", ...flags)).lots as unknown[]).length;
    expect(await lots("--year", "2027")).toBe(1);
    expect(await lots("--year", "2026")).toBe(0);
    expect(await lots("--year", "2026", "--zone", "America/New_York")).toBe(1);
  });

  it("shows tables one below the other for people", async () => {
    const { stdout } = await run("--cash", "--lots");
    expect(stdout).toMatch(/^ticker .*position[\s\S]*^ticker .*event_ticker[\s\S]*^line +dollars/m);
  });

  it("refuses marks without markets, a file of none, and a zone or a year that is none", async () => {
    const failed = (...flags: string[]) => runCli(["pnl", "--fills", fills, ...flags]);
    await expectFailure(failed("--marks", "midpoint"), "BAD_ARGUMENT", { hint: /markets/, exit: 2 });
    await expectFailure(failed("--marks", join(dir, "none.json")), "FILE_NOT_FOUND", { hint: /midpoint/ });
    await expectFailure(failed("--marks", markets.replace("markets", "nothing")), "FILE_NOT_FOUND");
    await expectFailure(failed("--lots", "--zone", "Mars/Olympus"), "BAD_ARGUMENT", { hint: /IANA/, exit: 2 });
    await expectFailure(failed("--lots", "--year", "26"), "BAD_ARGUMENT", { hint: /2026/, exit: 2 });
    await expectFailure(failed("--lots", join(dir, "lots.xlsx")), "FILE_FORMAT");
    await expectFailure(failed("--cash", "--zone", "UTC"), "BAD_ARGUMENT", { hint: /--lots/, exit: 2 });
  });
});
