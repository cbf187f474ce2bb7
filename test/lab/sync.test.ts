import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type AlteringProxy, alteringProxy } from "../support/altering-proxy.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";
import { expectFresh, expectSameRows } from "../support/library-rows.js";

const SERIES = "NORLEAD";
/** A series that has been settled many a time. */
const SETTLED = "NORCPI";
/** Requests that a sync of one series makes when nothing is new. */
const HANDFUL = 10;

describe("a sync", () => {
  const root = mkdtempSync(join(tmpdir(), "sync-"));
  let sandbox: Sandbox;
  let proxy: AlteringProxy;
  let lab: Lab;
  let library: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "sync", speed: 0 });
    proxy = await alteringProxy(sandbox);
    lab = await connect({ ...connectionTo(sandbox), restUrl: proxy.restUrl, cache: false });
  });
  afterAll(async () => {
    await lab.close();
    await proxy.close();
    await sandbox.close();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    library = mkdtempSync(join(root, "library-"));
  });
  afterEach(() => {
    proxy.alter = () => undefined;
  });

  const later = async (seconds: number) => {
    const answer = await fetch(`${sandbox.ready.control_url}/clock?by=${seconds}`, { method: "POST" });
    expect(answer.ok).toBe(true);
  };
  const faults = async () => (await lab.verify(library)).faults;

  it("makes a library of what a fresh download gives, and brings it up to date as time goes on, asking for what is new alone", async () => {
    const first = await lab.sync({ library, series: SERIES });
    expect(first.subjects.map(({ kind, series, complete }) => [kind, series, complete])).toEqual([
      ["markets", SERIES, true],
      ["trades", SERIES, true],
      ["candlesticks", SERIES, true],
    ]);
    expect(await expectFresh(lab, library, SERIES)).toBe(first.subjects.reduce((sum, { added }) => sum + added, 0));
    expect(await faults()).toEqual([]);

    const nothing = await lab.sync({ library });
    expect(nothing.requests).toBeLessThanOrEqual(HANDFUL);
    expect(nothing.files).toBe(0);
    expect(nothing.subjects.map(({ added, updated }) => added + updated)).toEqual([0, 0, 0]);

    for (const hours of [1, 5, 30]) {
      await later(hours * 3600);
      let came = 0;
      proxy.alter = (path, body) => {
        if (path.endsWith("/trades")) came += (body as { trades: unknown[] }).trades.length;
        return undefined;
      };
      const { subjects, amendments, vanished } = await lab.sync({ library });
      proxy.alter = () => undefined;
      const { added } = subjects.find(({ kind }) => kind === "trades")!;
      // What is read again is that of a few minutes.
      expect(came).toBeGreaterThanOrEqual(added);
      expect(came).toBeLessThan(added + 200);
      expect([amendments, vanished]).toEqual([[], []]);
      await expectFresh(lab, library, SERIES);
      expect(await faults()).toEqual([]);
    }
    await lab.compact({ library });
    await expectFresh(lab, library, SERIES);
    expect(await faults()).toEqual([]);
  }, 240_000);

  it("keeps fills and settlements of the account, and later ones", async () => {
    const kinds = ["fills", "settlements"];
    const { subjects } = await lab.sync({ library, kinds });
    expect(subjects.map(({ added }) => added > 0)).toEqual([true, true]);
    await lab.trading.place({ ticker: "SANDBOX-LIVE-T55", side: "bid", price: "0.9900", count: "3.00" });
    await later(3600);
    const after = await lab.sync({ library });
    expect(after.subjects[0]!.added).toBeGreaterThan(0);
    await expectSameRows(library, "fills", await lab.fills());
    await expectSameRows(library, "settlements", await lab.settlements());
    expect(await faults()).toEqual([]);
  }, 180_000);

  it("tells a market that the exchange has settled otherwise, once, and has what holds now", async () => {
    await lab.sync({ library, series: SETTLED, kinds: ["markets"] });
    const settled = (await lab.markets({ series: SETTLED })).filter((d: { result: string }) => d.result === "no");
    const ticker = settled.get("ticker", settled.numRows() - 1) as string;
    proxy.alter = (path, body) => {
      if (!path.endsWith("/markets")) return undefined;
      const answer = body as { markets?: Record<string, unknown>[] };
      return {
        ...answer,
        markets: answer.markets?.map((market) =>
          market.ticker === ticker
            ? { ...market, result: "yes", settlement_value_dollars: "1.0000", settlement_value: 100 }
            : market,
        ),
      };
    };
    const { amendments, subjects } = await lab.sync({ library });
    expect(subjects[0]).toMatchObject({ amended: 1 });
    expect(amendments).toMatchObject([{ kind: "markets", series: SETTLED, key: ticker }]);
    expect(amendments[0]!.changes).toContain("result: no → yes");
    expect((await lab.sync({ library })).amendments).toEqual([]);
    const now = await lab.sql(`SELECT result, settlement_value FROM markets WHERE ticker = '${ticker}'`, { library });
    expect(now.object(0)).toEqual({ result: "yes", settlement_value: 1 });
    expect(await faults()).toEqual([]);
  }, 180_000);

  it("asks again for a trade that the exchange's list lacks and its volume has", async () => {
    let hidden = 0;
    proxy.alter = (path, body) => {
      if (!path.endsWith("/trades")) return undefined;
      const answer = body as { trades: Record<string, unknown>[] };
      if (hidden > 0 || answer.trades.length < 3) return undefined;
      hidden = 1;
      return { ...answer, trades: answer.trades.slice(1) };
    };
    await lab.sync({ library, series: SERIES, kinds: ["trades"] });
    expect(hidden).toBe(1);
    const fresh = await lab.trades({ series: SERIES });
    const counted = await lab.sql("SELECT count(*) AS n FROM trades", { library });
    expect(counted.get("n", 0)).toBe(fresh.numRows() - 1);
    const { subjects } = await lab.sync({ library });
    expect(subjects.find(({ kind }) => kind === "trades")).toMatchObject({ added: 1 });
    await expectSameRows(library, "trades", fresh);
  }, 180_000);

  it("stopped in the middle of a download goes on with it, and ends with what an undisturbed one has", async () => {
    const stop = new AbortController();
    let pages = 0;
    const stopped = lab.sync({
      library,
      series: SERIES,
      signal: stop.signal,
      onProgress: ({ noun, rows }) => {
        if (noun === "trades" && rows > 0 && ++pages === 3) stop.abort();
      },
    });
    await expectRejection(stopped, "INTERRUPTED", /./);
    expect(await faults()).toEqual([]);
    const { resumed } = await lab.sync({ library });
    expect(resumed).toBe(true);
    await expectFresh(lab, library, SERIES);
    expect(await faults()).toEqual([]);
    expect(readdirSync(join(library, "_staging"))).toEqual([]);
  }, 180_000);

  it("waits for another one, or is refused when it is not to wait", async () => {
    const ask = { library, series: SERIES };
    const refused: unknown[] = [];
    const [first, second] = await Promise.all([
      lab.sync(ask),
      lab.sync({ ...ask, onWait: (error) => refused.push(error.code) }),
      expectRejection(lab.sync({ ...ask, wait: false }), "FOLDER_LOCKED", /wait/),
    ]);
    expect(refused).toEqual(["FOLDER_LOCKED"]);
    const added = [first, second].map(({ subjects }) => subjects.reduce((sum, one) => sum + one.added, 0));
    expect(added.filter((count) => count > 0)).toHaveLength(1);
    await expectFresh(lab, library, SERIES);
  }, 180_000);

  it("keeps nothing older than it is to, and all when it is told so later", async () => {
    const from = "2026-09-20T00:00:00Z";
    await lab.sync({ library, series: SERIES, kinds: ["trades"], from });
    const all = await lab.trades({ series: SERIES });
    await expectSameRows(library, "trades", await lab.trades({ series: SERIES, from }));
    // Markets that were open before the start never come to their volume, and are not asked for it again and again.
    for (let times = 0; times < 2; times += 1) await lab.sync({ library });
    await lab.sync({ library, series: SERIES, kinds: ["trades"], from: "2026-01-01" });
    await expectSameRows(library, "trades", all);
  }, 180_000);

  it("asks all of a span that begins earlier, also where a question of the later start was left", async () => {
    const [kinds, from] = [["candlesticks"], "2026-09-20T00:00:00Z"];
    const stop = new AbortController();
    const begun = join(library, "_staging", "rows.parquet.partial", "checkpoint.json");
    proxy.alter = (path) => {
      if (path.includes("candlesticks") && existsSync(begun)) stop.abort();
      return undefined;
    };
    const stopped = lab.sync({ library, series: SERIES, kinds, from, signal: stop.signal });
    await expectRejection(stopped, "INTERRUPTED", /./);
    // The question of the later start is brought first, and is not all there is to ask.
    const wider = { library, series: SERIES, kinds, from: "2026-01-01" };
    const { resumed } = await lab.sync(wider);
    expect(resumed).toBe(true);
    const all = await lab.candlesticks({ series: SERIES, period: 60 });
    await lab.sync({ library });
    await expectSameRows(library, "candlesticks", all);
  }, 180_000);

  it("is not complete while the exchange's trades do not come to the volume that it tells", async () => {
    let hidden = "";
    proxy.alter = (path, body) => {
      if (!path.endsWith("/trades")) return undefined;
      const answer = body as { trades: Record<string, unknown>[] };
      if (hidden === "" && answer.trades.length > 2) hidden = String(answer.trades[0]!.trade_id);
      return { ...answer, trades: answer.trades.filter(({ trade_id }) => trade_id !== hidden) };
    };
    for (let times = 0; times < 4; times += 1) {
      const { subjects } = await lab.sync({ library, series: SERIES, kinds: ["trades"] });
      expect(subjects.find(({ kind }) => kind === "trades")).toMatchObject({
        complete: false,
        why: expect.stringMatching(
          /^the exchange's trades of NORLEAD\S+ are \S+ contracts of the \S+ that its volume tells$/,
        ),
      });
    }
    proxy.alter = () => undefined;
  }, 180_000);

  it("refuses a library of another exchange, what no library keeps, and to keep nothing", async () => {
    await expectRejection(lab.sync({ library }), "BAD_ARGUMENT", /--series/);
    await expectRejection(lab.sync({ library, kinds: ["frogs"] }), "BAD_ARGUMENT", /trades/);
    await expectRejection(lab.sync({ library, kinds: ["trades"] }), "BAD_ARGUMENT", /series/);
    await expectRejection(lab.sync({ library, from: "2026-09-20" }), "BAD_ARGUMENT", /--series/);
    await expectRejection(lab.sync({ library, period: 1 }), "BAD_ARGUMENT", /--series/);
    await expectRejection(lab.sync({ library, series: "NOPE" }), "SERIES_NOT_FOUND", /./);
    // It is not kept of what there is not.
    await expectRejection(lab.sync({ library }), "BAD_ARGUMENT", /--series/);
    await expectRejection(lab.compact({ library: join(root, "nowhere") }), "FILE_NOT_FOUND", /sync/);
    await lab.sync({ library, series: SERIES, kinds: ["markets"] });
    const other = await startSandbox({ seed: "another", speed: 0 });
    const elsewhere = await connect({ ...connectionTo(other), cache: false });
    await expectRejection(elsewhere.sync({ library }), "CHECKPOINT_MISMATCH", /--library/);
    await elsewhere.close();
    await other.close();
  }, 180_000);
});
