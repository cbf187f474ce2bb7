import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { ColumnTable } from "arquero";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readTable } from "../../src/datasets/read.js";
import { rawOf } from "../../src/frames/exact.js";
import { provenance } from "../../src/frames/provenance.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { DAY, parseTime } from "../../src/units/time.js";
import { alteringProxy } from "../support/altering-proxy.js";
import { runCli, startCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";
import { SmallDisk, whyNoSmallDisk } from "../support/small-disk.js";
import { variablesOf } from "../support/variables.js";
import { until } from "../support/wait.js";

const out = mkdtempSync(join(tmpdir(), "kalshi-lab-cache-"));
const dir = join(out, "cache");

/** Requests for history; which exchange it is, and where the cutoff stands, is asked every time. */
const always = ["/exchange/status", "/historical/cutoff", "/exchange/user_data_timestamp"];

describe("a lab with a cache", () => {
  let sandbox: Sandbox;
  let uncached: Lab;
  /** Settled weeks before the cutoff. */
  let old: string;
  let cutoff: number;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "kept", tier: "prestige" });
    uncached = await connect({ ...connectionTo(sandbox), cache: false });
    const markets = await uncached.markets({ series: "AVONHIGH" });
    cutoff = parseTime(provenance(markets)!.cutoffs!.market_settled!);
    const settled = rawOf(markets, "settlement_time");
    const volumes = rawOf(markets, "volume") as number[];
    const isOld = (time: unknown) => time !== null && (time as number) < cutoff - 14 * DAY;
    // The one that was traded most has candles of every period.
    const most = Math.max(...volumes.filter((_, row) => isOld(settled[row])));
    old = (markets.array("ticker") as string[])[
      volumes.findIndex((volume, row) => volume === most && isOld(settled[row]))
    ]!;
  });

  beforeEach(() => rmSync(dir, { recursive: true, force: true }));

  afterAll(async () => {
    await uncached.close();
    await sandbox.close();
    rmSync(out, { recursive: true, force: true });
  });

  /** What a question gets of a lab of its own, and what it asked for besides what is asked always. */
  async function asking(
    question: (lab: Lab) => PromiseLike<ColumnTable>,
  ): Promise<{ table: ColumnTable; asked: string[] }> {
    const proxy = await alteringProxy(sandbox);
    const asked: string[] = [];
    proxy.alter = (path) => {
      const short = path.replace("/trade-api/v2", "");
      if (!always.includes(short) && !short.startsWith("/account")) asked.push(short);
    };
    const lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl, cache: dir });
    try {
      return { table: await question(lab), asked };
    } finally {
      await lab.close();
      await proxy.close();
    }
  }

  const rowsOf = (table: ColumnTable): unknown => table.objects();

  it("asks nothing a second time for the trades of an archived market, and gives the same rows", async () => {
    const question = (lab: Lab) => lab.trades({ ticker: old });
    const first = await asking(question);
    expect(first.asked).toContain("/historical/trades");
    const second = await asking(question);
    expect(second.asked).toEqual([]);
    expect(rowsOf(second.table)).toEqual(rowsOf(first.table));
    expect(rowsOf(second.table)).toEqual(rowsOf(await question(uncached)));
    const [source] = provenance(second.table)!.sources;
    expect(source).toMatchObject({ tier: "historical", endpoint: "GET /historical/trades", pages: 0 });
    expect(source!.cached).toBe(second.table.numRows());
    expect(Date.parse(source!.fetched!)).toBeLessThanOrEqual(Date.now());
    expect(provenance(second.table)!.complete).toBe(true);
  });

  it.each([1, 60, 1440] as const)("nor for its candles of %i minutes", async (period) => {
    const question = (lab: Lab) => lab.candlesticks({ ticker: old, period });
    const first = await asking(question);
    const second = await asking(question);
    expect(second.asked).toEqual([]);
    expect(rowsOf(second.table)).toEqual(rowsOf(first.table));
    expect(rowsOf(second.table)).toEqual(rowsOf(await question(uncached)));
    expect(second.table.numRows()).toBeGreaterThan(0);
  });

  it("nor for its record", async () => {
    const question = (lab: Lab) => lab.markets({ ticker: old });
    await asking(question);
    const second = await asking(question);
    expect(second.asked).toEqual([]);
    expect(second.table.array("ticker")).toEqual([old]);
  });

  it("asks of a whole series only what may have changed: no archived list, no archived trades", async () => {
    const question = (lab: Lab) => lab.trades({ series: "NORCPI", to: "2026-10-15T15:00:00Z" });
    const first = await asking(question);
    const second = await asking(question);
    expect(first.asked).toContain("/historical/markets");
    expect(second.asked).not.toContain("/historical/markets");
    expect(second.asked).toContain("/markets");
    expect(second.asked.length).toBeLessThan(first.asked.length);
    expect(rowsOf(second.table)).toEqual(rowsOf(first.table));
    expect(rowsOf(second.table)).toEqual(rowsOf(await question(uncached)));
  });

  it("uses what is kept for a span that overlaps it, and asks for the rest only", async () => {
    const whole = await uncached.trades({ ticker: old });
    const times = rawOf(whole, "created_time") as number[];
    const [from, middle] = [times[0]!, times[Math.floor(times.length / 2)]!].map((time) => new Date(time / 1000));
    await asking((lab) => lab.trades({ ticker: old, from, to: middle }));
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    const plan = await lab.trades({ ticker: old, from }).plan();
    expect(plan.steps.map(({ cached, tier }) => [tier, cached])).toEqual([
      ["historical", false],
      ["historical", true],
    ]);
    expect(plan.steps[1]).toMatchObject({ endpoint: "GET /historical/trades", to: plan.steps[0]!.from });
    expect(rowsOf(await lab.trades({ ticker: old, from }))).toEqual(
      rowsOf(await uncached.trades({ ticker: old, from })),
    );
    await lab.close();
  });

  it.each([60, 1440] as const)(
    "takes candles of %i minutes of a part, or of more, from what is kept of them",
    async (period) => {
      const whole = await uncached.candlesticks({ ticker: old, period });
      const starts = rawOf(whole, "start_time") as number[];
      const [from, to] = [starts[Math.floor(starts.length / 3)]! + 1, starts.at(-1)!].map(
        (time) => new Date(time / 1000),
      );
      const part = (lab: Lab) => lab.candlesticks({ ticker: old, period, from, to });
      const all = (lab: Lab) => lab.candlesticks({ ticker: old, period });
      const first = await asking(part);
      const more = await asking(all);
      expect(more.asked.length).toBeGreaterThan(0);
      expect(provenance(more.table)!.sources[0]!.cached).toBe(first.table.numRows());
      const again = await asking(part);
      expect(again.asked).toEqual([]);
      for (const { table } of [first, again]) expect(rowsOf(table)).toEqual(rowsOf(await part(uncached)));
      expect(rowsOf(more.table)).toEqual(rowsOf(whole));
    },
  );

  it("estimates nothing for what is kept, and says that this is exact", async () => {
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    const before = await lab.trades({ ticker: old }).estimate();
    expect(before).toMatchObject({ requests: 1, tokens: 10, exact: false, rows: "unknown" });
    await lab.trades({ ticker: old });
    expect(await lab.trades({ ticker: old }).estimate()).toMatchObject({ requests: 0, tokens: 0, exact: true });
    const candles = await lab.candlesticks({ ticker: old, period: 1440 }).estimate();
    expect(candles).toMatchObject({ requests: 1, tokens: 10, exact: true });
    const { requests } = lab.client.usage;
    await lab.candlesticks({ ticker: old, period: 1440 });
    // Besides: which world this is, its time, the cutoffs before, and nothing for the market, which is known.
    expect(lab.client.usage.requests - requests).toBe(candles.requests + 3);
    await lab.close();
  });

  it.each(["trades", "candlesticks"] as const)(
    "keeps no %s that were refused, so that a mended answer is read",
    async (noun) => {
      const proxy = await alteringProxy(sandbox);
      const lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl, cache: dir });
      const ask = () =>
        noun === "trades" ? lab.trades({ ticker: old }) : lab.candlesticks({ ticker: old, period: 1440 });
      try {
        proxy.alter = (path, body) => {
          const rows = (body as Readonly<Record<string, unknown>>)[noun];
          if (!path.includes(noun) || !Array.isArray(rows) || rows.length === 0) return undefined;
          return { ...(body as object), [noun]: rows.map((row: object) => ({ ...row, count_fp: 5, volume: 5 })) };
        };
        const [code, hint] =
          noun === "trades"
            ? (["BAD_RECORD", /refused rather than guessed at/] as const)
            : (["LEGACY_FIELDS", /use `volume(?:_fp)?` .*text of contracts/] as const);
        await expectRejection(ask().table(), code, hint);
        const { requests } = lab.client.usage;
        await turn();
        expect(lab.client.usage.requests).toBe(requests);
        proxy.alter = () => undefined;
        expect((await ask()).numRows()).toBeGreaterThan(0);
      } finally {
        await lab.close();
        await proxy.close();
      }
    },
  );

  it("saves the same file from what is kept", async () => {
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    const [first, second] = [join(out, "first.parquet"), join(out, "second.parquet")];
    await lab.trades({ ticker: old }).save(first);
    const saved = await lab.trades({ ticker: old }).save(second);
    expect(saved.provenance.sources).toMatchObject([{ pages: 0, cached: saved.rows }]);
    expect((await readTable(second)).objects()).toEqual((await readTable(first)).objects());
    await lab.close();
  });

  it("does not show one world's records to another", async () => {
    await asking((lab) => lab.markets({ series: "AVONHIGH" }));
    const other = await startSandbox({ seed: "another", tier: "prestige" });
    const [kept, asked] = [
      await connect({ ...connectionTo(other), cache: dir }),
      await connect({ ...connectionTo(other), cache: false }),
    ];
    const question = (lab: Lab) => lab.markets({ series: "AVONHIGH", to: "2026-09-01" });
    expect(provenance(await question(kept))!.sources.some(({ cached }) => cached !== undefined)).toBe(false);
    expect((await question(kept)).array("volume")).toEqual((await question(asked)).array("volume"));
    await kept.close();
    await asked.close();
    await other.close();
  });

  it("asks again for what is damaged, and says so where the cache is listed", async () => {
    const question = (lab: Lab) => lab.trades({ ticker: old });
    const first = await asking(question);
    const files = keptFiles().filter((path) => path.includes("trades"));
    expect(files).toHaveLength(1);
    const bytes = readFileSync(files[0]!);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(files[0]!, bytes);
    const second = await asking(question);
    expect(second.asked).toEqual(["/historical/trades"]);
    expect(rowsOf(second.table)).toEqual(rowsOf(first.table));
    const listed = await uncachedEntries();
    expect(listed.array("damaged")).toContain(true);
    // It is kept anew by the next question, which does not count on it.
    await asking(question);
    expect((await asking(question)).asked).toEqual([]);
  });

  it.skipIf(whyNoSmallDisk !== null)(
    `does without while its disk is full${whyNoSmallDisk === null ? "" : ` (skipped: ${whyNoSmallDisk})`}`,
    async () => {
      const disk = await SmallDisk.make("1m");
      const lab = await connect({ ...connectionTo(sandbox), cache: join(disk.folder, "cache") });
      try {
        await lab.markets({ ticker: old });
        const filler = disk.fill(0);
        expect(rowsOf(await lab.trades({ ticker: old }))).toEqual(rowsOf(await uncached.trades({ ticker: old })));
        expect((await lab.cache.entries()).array("kind")).toEqual(["market"]);
        filler.release();
        await lab.trades({ ticker: old });
        expect((await lab.trades({ ticker: old }).estimate()).exact).toBe(true);
      } finally {
        await lab.close();
        await disk.close();
      }
    },
  );

  it("does without where its folder cannot be made, since a file stands there", async () => {
    writeFileSync(dir, "in the way");
    const { table } = await asking((lab) => lab.trades({ ticker: old }));
    expect(rowsOf(table)).toEqual(rowsOf(await uncached.trades({ ticker: old })));
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    for (const look of [() => lab.cache.entries(), () => lab.cache.clear()]) {
      const error = await expectRejection(look(), "FILE_UNREADABLE", /whose folder it is; KALSHI_CACHE_DIR/);
      expect(error.message).toContain(dir);
    }
    await lab.close();
  });

  it("says that there is nothing to clear where it is off", async () => {
    await expectRejection(uncached.cache.clear(), "BAD_ARGUMENT", /unset KALSHI_CACHE.*without cache: false/);
    expect((await uncached.cache.entries()).numRows()).toBe(0);
  });

  it("is not cleared by a time that is none", async () => {
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    await expectRejection(lab.cache.clear({ before: "long ago" }), "BAD_TIME", /RFC 3339.*-7d/);
    await lab.close();
  });

  it("lists what it keeps, and clears it by market, by series, by exchange and by age", async () => {
    await asking((lab) => lab.trades({ ticker: old }));
    await asking((lab) => lab.candlesticks({ ticker: old, period: 1440 }));
    await asking((lab) => lab.markets({ series: "AVONHIGH" }));
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    const entries = await lab.cache.entries();
    expect(entries.orderby("kind").array("kind")).toEqual(["candlesticks", "market", "markets", "trades"]);
    const trades = entries.filter((row: { kind: string }) => row.kind === "trades");
    expect(trades.object()).toMatchObject({ ticker: old, from: null, to: null, damaged: false, interval: null });
    expect(new Set(entries.array("exchange")).size).toBe(1);
    expect(await lab.cache.clear({ ticker: "ANOTHER" })).toEqual({ files: 0, bytes: 0, unclear: 0 });
    expect(await lab.cache.clear({ exchange: "another" })).toEqual({ files: 0, bytes: 0, unclear: 0 });
    expect(await lab.cache.clear({ before: "-1d" })).toEqual({ files: 0, bytes: 0, unclear: 0 });
    expect((await lab.cache.clear({ series: "AVONHIGH" })).files).toBe(4);
    expect((await lab.cache.entries()).numRows()).toBe(0);
    await lab.close();
  });

  it("is told of and cleared by the command line", async () => {
    await asking((lab) => lab.trades({ ticker: old }));
    const env = { KALSHI_CACHE: "on", KALSHI_CACHE_DIR: dir };
    const listed = await runCli(["cache", "ls", "--json"], env);
    const rows = JSON.parse(listed.stdout) as { kind: string; ticker: string }[];
    expect(rows.map(({ kind, ticker }) => [kind, ticker]).sort()).toEqual([
      ["market", old],
      ["trades", old],
    ]);
    expect((await runCli(["cache", "ls"], env)).stderr).toMatch(/^2 files, [\d,]+ bytes in /);
    const series = await runCli(["cache", "clear", "--series", "AVONHIGH"], env);
    expect(series.stderr).toMatch(
      /^0 files removed, 0 bytes\n2 files are left of which nothing kept tells the series.*--ticker/,
    );
    const cleared = await runCli(["cache", "clear", "--ticker", old, "--json"], env);
    expect(JSON.parse(cleared.stdout)).toMatchObject({ files: 2 });
    expect(JSON.parse((await runCli(["cache", "ls", "--json"], env)).stdout)).toEqual([]);
    const off = await runCli(["cache", "ls"], { KALSHI_CACHE: "off" });
    expect(off).toMatchObject({ code: 2, stderr: expect.stringMatching(/BAD_ARGUMENT: the cache is off/) });
  });

  it("has nothing that is half there when a download is killed, wherever that was", async () => {
    const env = { ...variablesOf(sandbox), KALSHI_CACHE: "on", KALSHI_CACHE_DIR: dir };
    const download = (name: string): string[] => [
      ...[
        "download",
        "trades",
        "--series",
        "AVONHIGH",
        "--from",
        "2026-08-10",
        "--to",
        "2026-09-10",
        "--out",
        join(out, name),
      ],
      "--json",
    ];
    for (const files of [1, 20, 60]) {
      const run = startCli(download(`killed-${files}.parquet`), env);
      const ended = (): boolean => run.child.exitCode !== null;
      await until(() => ended() || keptFiles().length >= files, `${files} files`, 100_000);
      run.child.kill("SIGKILL");
      await run.ended;
    }
    const last = await runCli(download("whole.parquet"), env);
    expect(last.code, last.stderr).toBe(0);
    const { provenance: told } = JSON.parse(last.stdout) as { provenance: { sources: { cached?: number }[] } };
    expect(told.sources.reduce((sum, { cached = 0 }) => sum + cached, 0)).toBeGreaterThan(0);
    const undisturbed = await uncached.trades({ series: "AVONHIGH", from: "2026-08-10", to: "2026-09-10" });
    expect((await readTable(join(out, "whole.parquet"))).array("trade_id")).toEqual(undisturbed.array("trade_id"));
  }, 300_000);

  const keptFiles = (): string[] =>
    (existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [])
      .filter((name) => name.endsWith(".kept"))
      .map((name) => join(dir, name));

  async function uncachedEntries(): Promise<ColumnTable> {
    const lab = await connect({ ...connectionTo(sandbox), cache: dir });
    try {
      return await lab.cache.entries();
    } finally {
      await lab.close();
    }
  }
});

describe("a lab with a cache, when the cutoff moves", () => {
  /** From before the cutoff to behind the place that it moves to. */
  const ask = { series: "AVONHIGH", from: "2026-08-25", to: "2026-09-20" };

  it.each(["/markets", "/historical/cutoff", "/historical/trades"])(
    "while %s is being answered, has every market and every trade all the same, then and afterwards",
    async (place) => {
      const sandbox = await startSandbox({ seed: "kept and moved", tier: "prestige" });
      const proxy = await alteringProxy(sandbox);
      const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-cache-"));
      const lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl, cache: folder });
      try {
        const markets = await lab.markets(ask);
        const whole = await lab.trades(ask);
        // Something of what is kept is cleared, so that something is asked of the historical tier again.
        await lab.cache.clear({ ticker: whole.array("ticker")[0] as string });
        let moved = false;
        proxy.alter = async (path) => {
          if (moved || path !== `/trade-api/v2${place}`) return;
          moved = true;
          await fetch(`${sandbox.ready.control_url}/cutoff?date=2026-09-14T00:00:00Z`, { method: "POST" });
        };
        const during = await lab.trades(ask);
        expect(moved).toBe(true);
        const afterwards = await lab.trades(ask);
        for (const table of [during, afterwards]) expect(table.array("trade_id")).toEqual(whole.array("trade_id"));
        const later = await lab.markets(ask);
        expect((later.array("ticker") as string[]).sort()).toEqual((markets.array("ticker") as string[]).sort());
      } finally {
        await lab.close();
        await proxy.close();
        await sandbox.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
