import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pnl } from "../../src/analysis/profit/pnl.js";
import { provenance } from "../../src/frames/provenance.js";
import { readCutoffs } from "../../src/history/cutoff.js";
import { routeMoved } from "../../src/history/moved.js";
import { routePositions } from "../../src/history/route-own.js";
import { readSelection } from "../../src/history/selection.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { DAY } from "../../src/units/time.js";
import { expectRejection } from "../support/errors.js";
import { freshPem } from "../support/keys.js";
import { answer, type ScriptedServer, scriptedServer } from "../support/scripted-http.js";
import { forbidden, KEY_ID } from "../support/small-exchange.js";

type Rows = readonly Readonly<Record<string, unknown>>[];

/** An account: what each of its subaccounts has, by number. */
interface Account {
  subaccounts: Record<number, { positions?: Rows; archived?: Rows; settlements?: Rows }>;
  /** The key is locked to this one. */
  locked?: number;
  /** Lists of this subaccount fail behind their first page. */
  broken?: number;
}

const PAGE = 2;

const position = (ticker: string, more: object = {}) => ({
  ticker,
  exchange_index: 0,
  total_traded_dollars: "1.000000",
  position_fp: "1.00",
  market_exposure_dollars: "1.000000",
  realized_pnl_dollars: "0.000000",
  fees_paid_dollars: "0.000000",
  last_updated_ts: "2026-10-01T00:00:00Z",
  ...more,
});

const settlement = (ticker: string, more: object = {}) => ({
  ticker,
  exchange_index: 0,
  event_ticker: "E",
  market_result: "yes",
  yes_count_fp: "5.00",
  yes_total_cost_dollars: "2.500000",
  no_count_fp: "0.00",
  no_total_cost_dollars: "0.000000",
  revenue: 500,
  settled_time: "2026-10-15T15:00:00Z",
  fee_cost: "0.010000",
  value: 100,
  ...more,
});

/** How the exchange answers for an account, as its pages on subaccounts say: positions of 0 and settlements of all by default. */
function answerFor(account: Account, url: URL): readonly [status: number, body: unknown] {
  const path = url.pathname.replace("/trade-api/v2", "");
  const asked = url.searchParams.get("subaccount");
  const numbers = Object.keys(account.subaccounts).map(Number);
  const of = account.locked ?? (asked === null ? null : Number(asked));
  const restricted = forbidden("this API key is restricted to a single sub-account and cannot access this endpoint");
  if (path === "/historical/cutoff") return [200, cutoff];
  if (path === "/account/limits") return [200, limits];
  if (path === "/account/endpoint_costs") return [200, { default_cost: 10, endpoint_costs: [] }];
  if (path === "/portfolio/subaccounts/balances") {
    if (account.locked !== undefined) return restricted;
    const balances = [...numbers, ...numbers].map((subaccount_number, at) => ({
      subaccount_number,
      exchange_index: at < numbers.length ? 0 : 2,
      balance: "0.000000",
      updated_ts: 1_790_000_000,
    }));
    return [200, { subaccount_balances: balances.reverse() }];
  }
  if (account.locked !== undefined && asked !== null && Number(asked) !== account.locked) return restricted;
  const list = { "/portfolio/positions": "positions", "/historical/positions": "archived" }[path];
  if (list !== undefined) return page(url, "market_positions", account, [of ?? 0], list);
  if (path === "/portfolio/settlements") return page(url, "settlements", account, of === null ? numbers : [of], path);
  return [404, { error: { code: "not_found", message: "not found" } }];
}

function page(
  url: URL,
  name: string,
  account: Account,
  of: readonly number[],
  list: string,
): readonly [number, unknown] {
  const key = list === "positions" || list === "archived" ? list : "settlements";
  const ticker = url.searchParams.get("ticker");
  const all = of
    .flatMap((number) => account.subaccounts[number]?.[key] ?? [])
    .filter((row) => ticker === null || row.ticker === ticker);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  if (from > 0 && of.includes(account.broken ?? -1))
    return [400, { error: { code: "bad_request", message: "broken" } }];
  const cursor = from + PAGE < all.length ? String(from + PAGE) : "";
  return [200, { [name]: all.slice(from, from + PAGE), cursor }];
}

const bucket = { refill_rate: 10_000, bucket_capacity: 10_000 };
const limits = { usage_tier: "basic", grants: [], read: bucket, write: bucket };

const cutoff = {
  market_settled_ts: "2026-10-01T00:00:00Z",
  trades_created_ts: "2026-10-01T00:00:00Z",
  orders_updated_ts: "2026-10-01T00:00:00Z",
  market_positions_last_updated_ts: "2026-10-01T00:00:00Z",
};

describe("own records of several subaccounts", () => {
  let account: Account;
  let server: ScriptedServer;
  let lab: Lab;
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "subaccounts-"));
    server = await scriptedServer((request, response) => {
      answer(response, ...answerFor(account, new URL(request.url ?? "", "http://x")));
    });
    account = { subaccounts: { 0: {} } };
    lab = await connect({ env: "demo", restUrl: server.baseUrl, keyId: KEY_ID, privateKey: freshPem(), cache: false });
  });

  afterEach(async () => {
    await lab.close();
    await server.close();
    await rm(dir, { recursive: true });
  });

  const asked = (path: string): (string | null)[] =>
    server.requests
      .map(({ url }) => new URL(url ?? "", "http://x"))
      .filter(({ pathname }) => pathname.endsWith(path))
      .map(({ searchParams }) => searchParams.get("subaccount"));

  it("are all positions, of both tiers, told apart by number; the live answer wins within a subaccount", async () => {
    account.subaccounts = {
      0: { positions: [position("A")] },
      2: { archived: [position("A"), position("OLD")], positions: [position("A", { position_fp: "-7.00" })] },
      63: { positions: [position("A", { position_fp: "3.00" }), position("B")] },
    };
    const table = await lab.positions();
    const rows = (table.objects() as { ticker: string; subaccount_number: number; position: number }[]).map(
      ({ ticker, subaccount_number, position: held }) => [ticker, subaccount_number, held],
    );
    expect(rows).toEqual([
      ["A", 0, 1],
      ["A", 2, -7],
      ["A", 63, 3],
      ["B", 63, 1],
      ["OLD", 2, 1],
    ]);
    expect(provenance(table)).toMatchObject({ complete: true, rows: 5 });
    expect(asked("/portfolio/positions")).toEqual(["0", "2", "63"]);
  });

  it("are planned and estimated list by list", async () => {
    account.subaccounts = { 0: {}, 1: {}, 2: {} };
    expect((await lab.positions().plan()).steps.map(({ parts }) => parts)).toEqual([3, 3]);
    expect((await lab.settlements().estimate()).requests).toBe(3);
  });

  it("are all settlements, also those that say the same of two subaccounts, and profit counts each", async () => {
    const differing = settlement("A", { fee_cost: "0.020000" });
    account.subaccounts = {
      0: { settlements: [settlement("A")] },
      1: { settlements: [settlement("A")] },
      2: { settlements: [differing, settlement("B")] },
    };
    const table = await lab.settlements();
    expect(table.array("ticker")).toEqual(["A", "A", "A", "B"]);
    expect(table.array("subaccount_number")).toEqual([0, 1, 2, 2]);
    const held = [0, 1, 2].map((number) => ({
      created_time: 1,
      ticker: "A",
      yes_price: 500_000,
      count: 500,
      fee_cost: 0,
      outcome_side: "yes",
      book_side: "bid",
      side: null,
      fill_id: `fill-${number}`,
      subaccount_number: number,
    }));
    const profit = pnl({ fills: held, settlements: table.filter((row: { ticker: string }) => row.ticker === "A") });
    expect(profit.notes).toEqual([]);
    expect(profit.realized.toString()).toBe("7.5");
  });

  it("are the same in a file as in a table", async () => {
    account.subaccounts = { 0: { settlements: [settlement("A")] }, 1: { settlements: [settlement("A")] } };
    const path = join(dir, "settlements.csv");
    expect(await lab.settlements().save(path)).toMatchObject({ rows: 2, duplicates: 0 });
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    const column = lines[0]!.split(",").indexOf("subaccount_number");
    expect(lines.slice(1).map((line) => line.split(",")[column])).toEqual(["0", "1"]);
  });

  it("fail as a whole when one subaccount does not answer, and the file is gone on with where it stopped", async () => {
    account.subaccounts = {
      0: { settlements: [settlement("A")] },
      1: { settlements: ["A", "B", "C"].map((ticker) => settlement(ticker)) },
    };
    account.broken = 1;
    await expectRejection(lab.settlements(), "REQUEST_REFUSED", /correct the parameter/);
    const path = join(dir, "settlements.csv");
    await expectRejection(lab.settlements().save(path), "REQUEST_REFUSED", /correct the parameter/);
    delete account.broken;
    expect(await lab.settlements().save(path)).toMatchObject({ rows: 4, resumed: true });
    const text = await readFile(path, "utf8");
    const column = text.split("\n")[0]!.split(",").indexOf("subaccount_number");
    const numbers = text
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[column]);
    expect(numbers.sort()).toEqual(["0", "1", "1", "1"]);
  });

  it("are asked for without a number where there is only the primary account", async () => {
    account.subaccounts = { 0: { positions: [position("A")], settlements: [settlement("A")] } };
    expect((await lab.positions()).array("subaccount_number")).toEqual([0]);
    expect((await lab.settlements()).array("subaccount_number")).toEqual([0]);
    expect([...asked("/portfolio/positions"), ...asked("/portfolio/settlements")]).toEqual([null, null]);
  });

  it("are those of one, and do not say of which, when the key is locked to it", async () => {
    account = {
      locked: 3,
      subaccounts: {
        0: { positions: [position("A")], settlements: [settlement("A")] },
        3: {
          positions: [position("C")],
          settlements: [settlement("C"), settlement("C"), settlement("C", { fee_cost: "0.020000" })],
        },
      },
    };
    const positions = await lab.positions();
    expect(positions.array("ticker")).toEqual(["C"]);
    expect(positions.array("subaccount_number")).toEqual([null]);
    const settlements = await lab.settlements();
    expect(settlements.array("fee_cost")).toEqual([0.01, 0.02]);
    expect(settlements.array("subaccount_number")).toEqual([null, null]);
  });

  it("keep their number when the cutoff moves and they are read again from the other tier", async () => {
    account.subaccounts = { 0: {}, 5: {} };
    const plan = await routePositions(lab.client, readSelection({}, 0));
    const now = await readCutoffs(lab.client);
    const later = { ...now, positions_updated: now.positions_updated + DAY };
    const sifted = plan.legs.map((leg) => ({
      ...leg,
      keep: { field: "last_updated_ts", from: null, to: null, tickers: ["A"] },
    }));
    for (const legs of [plan.legs, sifted as typeof plan.legs]) {
      expect(routeMoved({ ...plan, legs }, later)).toMatchObject([
        { tier: "historical", query: { subaccount: 0 }, stamp: { subaccount_number: 0 } },
        { tier: "historical", query: { subaccount: 5 }, stamp: { subaccount_number: 5 } },
      ]);
    }
  });
});
