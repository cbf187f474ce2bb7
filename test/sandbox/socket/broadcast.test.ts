import { afterEach, describe, expect, it } from "vitest";
import type { Client } from "../../support/socket.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { MEMBER, OTHER } from "../../support/tiny-world.js";

let one: Stage;
afterEach(() => one.close());

async function clients(): Promise<[Client, Client]> {
  one = await socketStage();
  return [await one.connect(MEMBER), await one.connect(OTHER)];
}

/** Type, sid and number of what came beside the answers to commands. */
async function told(client: Client): Promise<unknown[]> {
  await client.settled();
  return client.frames
    .filter(({ type }) => type !== "subscribed")
    .map(({ type, sid, seq, msg }) => [type, sid, seq, msg]);
}

describe("what the engine tells of", () => {
  it("reaches its owner alone where it is private: positions without a number, order groups with one", async () => {
    const [mine, theirs] = await clients();
    for (const client of [mine, theirs]) {
      subscribe(client, ["market_positions"], { market_ticker: "A" });
      subscribe(client, ["order_group_updates"], { market_ticker: "B" }, 2);
      await client.settled();
    }
    const position = { user_id: MEMBER.userId, market_ticker: "A", position_fp: "1.00" };
    one.emit({ type: "position", userId: MEMBER.userId, subaccount: 0, ticker: "A", message: position });
    one.emit({ type: "position", userId: MEMBER.userId, subaccount: 0, ticker: "B", message: { market_ticker: "B" } });
    one.emit({
      type: "order_group",
      userId: MEMBER.userId,
      subaccount: 0,
      message: { event_type: "created", order_group_id: "g" },
    });
    one.emit({
      type: "order_group",
      userId: OTHER.userId,
      subaccount: 0,
      message: { event_type: "created", order_group_id: "h" },
    });
    one.emit({
      type: "order_group",
      userId: MEMBER.userId,
      subaccount: 0,
      message: { event_type: "reset", order_group_id: "g" },
    });
    expect(await told(mine)).toEqual([
      ["market_position", 1, undefined, position],
      ["order_group_updates", 2, 1, { event_type: "created", order_group_id: "g" }],
      ["order_group_updates", 2, 2, { event_type: "reset", order_group_id: "g" }],
    ]);
    expect(await told(theirs)).toEqual([["order_group_updates", 2, 1, { event_type: "created", order_group_id: "h" }]]);
  });

  it("comes on one lifecycle channel or the other: combos apart, fees of events with the rest, one count for all types", async () => {
    const [client] = await clients();
    // No filter is taken, so this hears of every market.
    subscribe(client, ["market_lifecycle_v2", "multivariate_market_lifecycle"], { market_ticker: "A" });
    await client.settled();
    const lifecycle = (ticker: string, combo: boolean) =>
      one.emit({ type: "lifecycle", ticker, combo, message: { market_ticker: ticker, event_type: "settled" } });
    one.emit({ type: "event_lifecycle", combo: false, message: { event_ticker: "E" } });
    lifecycle("B", false);
    lifecycle("KXMVE-1", true);
    one.emit({ type: "event_fee_update", message: { event_ticker: "E", fee_type_override: null } });
    one.emit({ type: "event_lifecycle", combo: true, message: { event_ticker: "KXMVE" } });
    lifecycle("C", false);
    expect(await told(client)).toEqual([
      ["event_lifecycle", 1, 1, { event_ticker: "E" }],
      ["market_lifecycle_v2", 1, 2, { market_ticker: "B", event_type: "settled" }],
      ["multivariate_market_lifecycle", 2, 1, { market_ticker: "KXMVE-1", event_type: "settled" }],
      ["event_fee_update", 1, 3, { event_ticker: "E", fee_type_override: null }],
      ["event_lifecycle", 2, 2, { event_ticker: "KXMVE" }],
      ["market_lifecycle_v2", 1, 4, { market_ticker: "C", event_type: "settled" }],
    ]);
  });

  it("says of combos neither price ranges nor changes of other metadata", async () => {
    const [client] = await clients();
    subscribe(client, ["multivariate_market_lifecycle"]);
    await client.settled();
    const grid = { price_level_structure: "deci_cent", price_ranges: [] };
    for (const type of ["created", "price_level_structure_updated", "metadata_updated"]) {
      const message = { market_ticker: "KXMVE-1", event_type: type, ...grid };
      one.emit({ type: "lifecycle", ticker: "KXMVE-1", combo: true, message });
    }
    expect(await told(client)).toEqual([
      ["multivariate_market_lifecycle", 1, 1, { market_ticker: "KXMVE-1", event_type: "created" }],
    ]);
  });

  it("brings the book of a market that was named before it existed", async () => {
    const [client] = await clients();
    subscribe(client, ["orderbook_delta"], { market_tickers: ["NEW", "A"] });
    await client.settled();
    const market = one.world.markets.get("A")!;
    one.world.add({ ticker: "E", seriesTicker: "SANDBOX", wire: {} }, [{ ...market, ticker: "NEW" }]);
    const message = { market_ticker: "NEW", event_type: "created" };
    one.emit({ type: "lifecycle", ticker: "NEW", combo: false, message });
    expect(await told(client)).toEqual([
      ["orderbook_snapshot", 1, 1, { market_ticker: "NEW", market_id: "" }],
      ["orderbook_snapshot", 1, 2, { market_ticker: "A", market_id: market.marketId }],
      ["orderbook_snapshot", 1, 3, { market_ticker: "NEW", market_id: market.marketId }],
    ]);
  });

  it("is written alike for all who are sent the same, own orders and YES prices apart", async () => {
    const [mine, theirs] = await clients();
    const alike = await one.connect(OTHER);
    const yes = await one.connect(OTHER);
    const all = [mine, theirs, alike, yes];
    for (const client of all) {
      subscribe(client, ["orderbook_delta"], { market_ticker: "A", use_yes_price: client === yes });
      await client.settled();
    }
    one.place("ask", "0.99", 1);
    await Promise.all(all.map((client) => client.settled()));
    const deltas = all.map(({ texts }) => texts.find((text) => text.startsWith('{"type":"orderbook_delta"')) ?? "");
    expect(deltas[2]).toBe(deltas[1]);
    expect(deltas.map((text) => JSON.parse(text).msg.price_dollars)).toEqual(["0.0100", "0.0100", "0.0100", "0.9900"]);
    expect(deltas.map((text) => JSON.parse(text).msg.client_order_id)).toEqual(["mine-1", ...Array(3).fill(undefined)]);
  });
});
