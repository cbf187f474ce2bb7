import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import type { Progress } from "../../src/history/tally.js";
import { progressLine } from "../../src/lab/progress.js";
import { parseTime } from "../../src/units/time.js";
import { expectRejection } from "../support/errors.js";
import { type LabAndSandbox, labAndSandbox } from "../support/lab.js";

const START = "2026-10-15T15:00:00Z";

describe("a question", () => {
  const out = mkdtempSync(join(tmpdir(), "kalshi-lab-query-"));
  let running: LabAndSandbox;
  let event: string;
  let cutoff: string;

  beforeAll(async () => {
    running = await labAndSandbox({ seed: "questions", tier: "prestige" });
    const markets = await running.lab.markets({ series: "AVONHIGH", to: START });
    cutoff = provenance(markets)!.cutoffs!.trades_created!;
    const at = parseTime(cutoff);
    const [opens, closes, events] = [
      rawOf(markets, "open_time"),
      rawOf(markets, "close_time"),
      markets.array("event_ticker") as string[],
    ];
    event = events.find((_, row) => opens[row]! < at && closes[row]! > at)!;
  });

  afterAll(async () => {
    await running.close();
    rmSync(out, { recursive: true, force: true });
  });

  it("gives the same rows awaited, page by page, and through both kinds of file", async () => {
    const { lab } = running;
    const table = await lab.trades({ event });
    const byPage = new Map<string, number>();
    for await (const page of lab.trades({ event }).pages())
      for (const trade of page) byPage.set(trade.trade_id, trade.yes_price);
    const rowsOf = (answer: typeof table): [unknown, unknown][] => {
      const prices = rawOf(answer, "yes_price");
      return (answer.array("trade_id") as string[]).map((id, row) => [id, prices[row]]);
    };
    expect(new Map(rowsOf(table) as [string, number][])).toEqual(byPage);
    for (const ending of ["csv", "parquet"]) {
      const saved = await lab.trades({ event }).save(join(out, `trades.${ending}`));
      expect(saved.rows).toBe(table.numRows());
      expect(rowsOf(await readTable(saved.path))).toEqual(rowsOf(table));
    }
  });

  it("has no empty pages, though a tier that is asked may have nothing", async () => {
    const from = new Date(Date.parse(cutoff) + 12 * 3_600_000);
    const query = running.lab.trades({ event, from });
    expect((await query.plan()).steps.map(({ tier }) => tier)).toContain("historical");
    for await (const page of query.pages()) expect(page.length).toBeGreaterThan(0);
    const { sources } = provenance(await query)!;
    expect(sources.find(({ tier }) => tier === "historical")).toMatchObject({ rows: 0 });
  });

  it("ascends by time, ties by key, and every row lies in [from, to)", async () => {
    const whole = await running.lab.trades({ event });
    const times = rawOf(whole, "created_time") as number[];
    const ids = whole.array("trade_id") as string[];
    for (let row = 1; row < times.length; row += 1) {
      expect(times[row]! > times[row - 1]! || (times[row] === times[row - 1] && ids[row]! > ids[row - 1]!)).toBe(true);
    }
    const [from, to] = [times[10]!, times[times.length - 10]!];
    const part = await running.lab.trades({ event, from: new Date(from / 1000), to: new Date(Math.ceil(to / 1000)) });
    const [start, end] = [Math.floor(from / 1000) * 1000, Math.ceil(to / 1000) * 1000];
    expect(rawOf(part, "created_time")).toEqual(times.filter((time) => time >= start && time < end));
  });

  it("shows its plan and estimates its cost before anything is fetched", async () => {
    const plan = await running.lab.trades({ event }).plan();
    expect(plan.cutoffs).toMatchObject({ trades_created: cutoff });
    expect(plan.steps.map(({ tier, endpoint }) => `${tier} ${endpoint}`)).toEqual([
      "historical GET /historical/trades",
      "live GET /markets/trades",
    ]);
    const bundle = (plan as unknown as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]!();
    expect(bundle["text/plain"]).toMatch(/GET \/historical\/trades[\s\S]*GET \/markets\/trades/);
    expect(bundle["text/html"]).toMatch(/<table/);
    const estimate = await running.lab.trades({ event }).estimate();
    const parts = plan.steps.reduce((sum, step) => sum + step.parts, 0);
    // And the cutoffs once more at the end. A list may have further pages.
    const requests = parts + 1;
    expect(estimate).toEqual({
      requests,
      tokens: 10 * requests,
      seconds: (2 * running.lab.client.roundTripMs!) / 1000,
      exact: false,
      rows: "unknown",
    });
  });

  it("gives its records one by one", async () => {
    const ids: string[] = [];
    for await (const trade of running.lab.trades({ event }).rows()) ids.push(trade.trade_id);
    expect([...new Set(ids)].sort()).toEqual(
      [...((await running.lab.trades({ event })).array("trade_id") as string[])].sort(),
    );
  });

  it("tells rows, tier and tokens while it runs", async () => {
    const told: Progress[] = [];
    const table = await running.lab.trades({ event, onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)?.rows).toBeGreaterThanOrEqual(table.numRows());
    expect(new Set(told.map(({ tier }) => tier))).toEqual(new Set(["live", "historical"]));
    expect(told.every(({ tokens, legsDone, legs }) => tokens >= 0 && legsDone <= legs)).toBe(true);
  });

  it("tells refusals for lack of tokens apart from failed tries while it runs", async () => {
    const rules = [
      { path: "/markets/trades", fault: "status", status: 429, count: 1 },
      { path: "/historical/trades", fault: "disconnect", count: 2 },
    ];
    const faulty = await labAndSandbox({ seed: "questions", faults: { rules } });
    try {
      const told: Progress[] = [];
      await faulty.lab.trades({ event, onProgress: (progress) => told.push(progress) });
      expect(told.at(-1)).toMatchObject({ limited: 1, failed: 2 });
      expect(progressLine(told.at(-1)!)).toMatch(/ · 1 answers 429 · 2 tries failed$/);
    } finally {
      await faulty.close();
    }
  });

  it("hands numbers out as Decimals or exact integers when asked", async () => {
    const exact = rawOf(await running.lab.trades({ event }), "yes_price");
    const fixed = (await running.lab.trades({ event, numbers: "fixed" })).array("yes_price");
    expect([...fixed]).toEqual(exact);
    const decimals = (await running.lab.trades({ event, numbers: "decimal" })).array("yes_price") as Decimal[];
    expect(decimals.every((value, row) => value instanceof Decimal && value.mul(1e6).equals(exact[row]!))).toBe(true);
  });

  it("takes a link instead of an id, and relative times by the exchange's own clock", async () => {
    const link = `https://kalshi.com/markets/avonhigh/highest-temperature/${event.toLowerCase()}`;
    expect((await running.lab.markets({ event: link })).array("ticker")).toEqual(
      (await running.lab.markets({ event })).array("ticker"),
    );
    const now = (await running.lab.now()).getTime() * 1000;
    const times = rawOf(await running.lab.trades({ series: "SANDBOX", from: "-2d" }), "created_time") as number[];
    expect(times.length).toBeGreaterThan(0);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(now - 2 * 86_400e6);
  });

  it("puts times and sources into the manifest beside the file", async () => {
    const path = join(out, "fills.csv");
    const saved = await running.lab.fills({ to: START }).save(path);
    const manifest = JSON.parse(readFileSync(`${path}.manifest.json`, "utf8")) as {
      rows: number;
      provenance: { sources: unknown[]; complete: boolean };
    };
    expect(manifest.rows).toBe(saved.rows);
    expect(manifest.provenance.complete).toBe(true);
    expect(manifest.provenance.sources).toHaveLength(2);
  });

  it("is refused when a file's ending says nothing, before anything is fetched", async () => {
    const before = running.lab.client.usage.requests;
    await expectRejection(running.lab.trades({ event }).save(join(out, "trades.xlsx")), "FILE_FORMAT", /parquet/);
    expect(running.lab.client.usage.requests).toBe(before);
  });
});
