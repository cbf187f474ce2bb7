import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectionRoutes } from "../../../../src/sandbox/rest/routes/collections.js";
import type { PublicSide } from "../../../../src/sandbox/rest/routes/routes.js";
import { type Sandbox, startSandbox } from "../../../../src/sandbox/sandbox.js";
import { caller } from "../../../support/call.js";
import { complaints, whyNoSpecification } from "../../../support/openapi.js";
import { allPages, get, getSigned, signedHeaders } from "../../../support/sandbox-call.js";
import { MEMBER, OTHER } from "../../../support/tiny-world.js";
import { until } from "../../../support/wait.js";

type Body = Record<string, unknown>;
type Market = Record<string, string> & { readonly mve_selected_legs?: readonly Record<string, string>[] };

const EVENT = "SANDBOX-LIVE";
const leg = (suffix: string, side: "yes" | "no" = "yes", event_ticker = EVENT) => ({
  market_ticker: `${event_ticker}-${suffix}`,
  event_ticker,
  side,
});

describe("combos", () => {
  let sandbox: Sandbox;
  let collection: string;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "combos", keyType: "ed25519" });
    const { rows } = await allPages<Body>(
      sandbox,
      "/multivariate_event_collections?status=open",
      "multivariate_contracts",
    );
    collection = String(rows[0]?.collection_ticker);
  });
  afterAll(() => sandbox?.close());

  const create = async (legs: readonly unknown[], more: Body = {}) => {
    const path = `/multivariate_event_collections/${collection}`;
    const key = { id: sandbox.ready.key_id, pem: sandbox.privateKey };
    const headers = { ...signedHeaders(key, "POST", `/trade-api/v2${path}`), "content-type": "application/json" };
    const body = JSON.stringify({ selected_markets: legs, ...more });
    return get<Body & { readonly error?: Body; readonly market?: Market }>(sandbox, path, {
      method: "POST",
      headers,
      body,
    });
  };

  it("are the same market for the same legs in any order", async () => {
    const one = (await create([leg("T45"), leg("T55", "no")])).body;
    const other = (await create([leg("T55", "no"), leg("T45")])).body;
    expect(other).toEqual(one);
    const third = (await create([leg("T45"), leg("T55")])).body;
    expect(third.market_ticker).not.toBe(one.market_ticker);
    // The same events, so the same event of combos.
    expect(third.event_ticker).toBe(one.event_ticker);
  });

  it("of others are there from the start, settled and live", async () => {
    const fresh = await startSandbox({ seed: "fresh", keyType: "ed25519", speed: 0 });
    try {
      const { rows } = await allPages<Market>(fresh, "/markets?mve_filter=only&limit=1000", "markets");
      const settled = rows.filter(({ status }) => status === "finalized");
      expect(settled.length).toBeGreaterThan(50);
      expect(settled.every(({ result }) => result === "yes" || result === "no" || result === "scalar")).toBe(true);
      expect(rows.filter(({ status }) => status === "active").length).toBeGreaterThan(1);
      const events = (await allPages<Body>(fresh, "/events/multivariate?limit=200", "events")).rows;
      const told = new Set(events.map(({ event_ticker }) => event_ticker));
      expect(rows.filter(({ event_ticker }) => !told.has(event_ticker))).toEqual([]);
      if (whyNoSpecification === null)
        expect(complaints("GET", "/markets", 200, { cursor: "", markets: rows.slice(0, 200) })).toEqual([]);
    } finally {
      await fresh.close();
    }
  });

  it("are priced by tenths of a cent, near 0 and 1 by hundredths, as their collection says", async () => {
    const { body } = await create([leg("T50"), leg("T45")], { with_market_payload: true });
    const grid = {
      price_level_structure: "center_deci_edge_centi_cent",
      price_ranges: [
        { start: "0.0000", end: "0.0100", step: "0.0001" },
        { start: "0.0100", end: "0.9900", step: "0.0010" },
        { start: "0.9900", end: "1.0000", step: "0.0001" },
      ],
    };
    expect(body.market).toMatchObject(grid);
    const told = await get<{ multivariate_contract: Body }>(sandbox, `/multivariate_event_collections/${collection}`);
    expect(told.body.multivariate_contract).toMatchObject(grid);
  });

  it("trade in a book of their own, priced by what their legs are worth", async () => {
    const legs = ["SANDBOX-LIVE-T45", "SANDBOX-LIVE-T35"];
    const { body } = await create([leg("T45"), leg("T35")], { with_market_payload: true });
    expect(body.market).toMatchObject({ status: "active", mve_collection_ticker: collection });
    const ticker = String(body.market_ticker);
    await until(() => [ticker, ...legs].every((one) => isTwoSided(sandbox, one)), "books of the legs and the combo");
    const fair = async (one: string) =>
      middle((await getSigned<{ market: Market }>(sandbox, `/markets/${one}`)).body.market);
    const product = (await fair(legs[0]!)) * (await fair(legs[1]!));
    expect(Math.abs((await fair(ticker)) - product)).toBeLessThan(0.1);
  });

  it("are told from other markets by filter, list and event", async () => {
    const { body } = await create([leg("T50"), leg("T70", "no")]);
    const ticker = String(body.market_ticker);
    const tickers = async (path: string) =>
      (await allPages<Market>(sandbox, path, "markets")).rows.map((one) => one.ticker);
    expect(await tickers("/markets?mve_filter=only&limit=1000")).toContain(ticker);
    expect(await tickers("/markets?mve_filter=exclude&limit=1000")).not.toContain(ticker);
    const events = async (path: string) =>
      (await allPages<Body>(sandbox, path, "events")).rows.map((one) => one.event_ticker);
    expect(await events("/events")).not.toContain(body.event_ticker);
    expect(await events(`/events/multivariate?collection_ticker=${collection}`)).toContain(body.event_ticker);
    expect(await events("/events/multivariate?series_ticker=AVONHIGH")).toEqual([]);
    const market = (await getSigned<{ market: Market }>(sandbox, `/markets/${ticker}`)).body.market;
    expect(market.mve_selected_legs).toEqual([leg("T50"), leg("T70", "no")]);
  });

  it("are refused by name where legs repeat, conflict, or are not of the collection", async () => {
    const refused = async (legs: readonly unknown[]) => {
      const { status, body } = await create(legs);
      return [status, body.error?.code, body.error?.details];
    };
    const [one, other] = [leg("T45"), leg("T50")];
    expect(await refused([one, one])).toEqual([400, "duplicated_legs", "SANDBOX-LIVE-T45"]);
    expect(await refused([one, leg("T45", "no")])).toEqual([400, "conflicting_leg_outcomes", "SANDBOX-LIVE-T45"]);
    expect(await refused([one, leg("T99"), leg("T98")])).toEqual([
      400,
      "invalid_market_combination",
      "SANDBOX-LIVE-T99,SANDBOX-LIVE-T98",
    ]);
    expect(await refused([one])).toEqual([400, "invalid_market_combination", "SANDBOX-LIVE-T45"]);
    // Two markets of which one pays at most.
    const { body } = await getSigned<{ markets: Market[] }>(
      sandbox,
      "/markets?series_ticker=AVONHIGH&status=open&limit=2",
    );
    const [first, second] = body.markets.map(({ ticker, event_ticker }) => ({
      market_ticker: ticker,
      event_ticker,
      side: "yes",
    }));
    if (first?.event_ticker === second?.event_ticker) {
      expect((await refused([first, second]))[1]).toBe("conflicting_leg_outcomes");
    }
    expect((await create([one, other], { with_market_payload: 7 })).body.code).toBe("bad_request");
  });

  it("are made so often a week by one account, and named again without end", async () => {
    const { world, engine } = sandbox;
    const side = { world, books: engine } as unknown as PublicSide;
    const call = caller(collectionRoutes(side, 2), world);
    const ask = (suffix: string, account = MEMBER) =>
      call({
        method: "POST",
        target: `/multivariate_event_collections/${collection}`,
        body: { selected_markets: [leg("T35"), leg(suffix, "no")] },
        account,
      }).then(({ status }) => status);
    expect([await ask("T45"), await ask("T55"), await ask("T45"), await ask("T70"), await ask("T70", OTHER)]).toEqual([
      200, 200, 200, 429, 200,
    ]);
  });

  it("are made of open collections only", async () => {
    const { rows } = await allPages<Body>(sandbox, "/multivariate_event_collections?limit=5", "multivariate_contracts");
    expect(rows.length).toBeGreaterThan(10);
    const kept = collection;
    collection = String(rows.find((one) => String(one.close_date) < sandbox.ready.now)?.collection_ticker);
    expect((await create([leg("T45"), leg("T50")])).status).toBe(400);
    collection = "NOBODY";
    expect((await create([leg("T45"), leg("T50")])).status).toBe(404);
    collection = kept;
  });
});

function isTwoSided(sandbox: Sandbox, ticker: string): boolean {
  const book = sandbox.engine.book(ticker);
  return book !== null && book.yes.length > 0 && book.no.length > 0;
}

function middle(market: Market): number {
  return (Number(market.yes_bid_dollars) + Number(market.yes_ask_dollars)) / 2;
}
