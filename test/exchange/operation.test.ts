import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { Client } from "../../src/client/http.js";
import type { Operation } from "../../src/exchange/operation.js";
import { operations } from "../../src/exchange/operations/all.js";
import { getMarketCandlesticksHistorical } from "../../src/exchange/operations/candlesticks.js";
import { getMarket } from "../../src/exchange/operations/markets.js";
import { getMarketOrderbook } from "../../src/exchange/operations/orderbooks.js";
import { getSeriesList } from "../../src/exchange/operations/series.js";
import { against } from "../support/against.js";
import { expectRejection } from "../support/errors.js";
import { answer, scriptedServer } from "../support/scripted-http.js";
import { beginningOf, wireSeries } from "../support/series.js";
import { aSigner } from "../support/signer.js";

describe("an operation", () => {
  it.each([".", ".."])("is not sent with %j in its path, which would be another endpoint's", async (ticker) => {
    const server = await scriptedServer((_, response) => answer(response, 200, {}));
    const client = new Client({ baseUrl: server.baseUrl });
    await expectRejection(getMarket(client, { ticker }), "BAD_ARGUMENT", /as the exchange writes it/);
    expect(server.requests).toHaveLength(0);
    await client.close();
    await server.close();
  });

  it.each([[[]], ["text"], [7], [{ market: null }], [{ market: [] }]])(
    "refuses an answer that is not the object it should be: %j",
    async (body) => {
      const { client } = await against((_, response) => answer(response, 200, body));
      const error = await expectRejection(
        getMarket(client, { ticker: "A" }),
        "BAD_RECORD",
        /exchange's shape; check where/,
      );
      expect(error.message).toMatch(/should be a JSON object, was /);
    },
  );

  it.each([
    [{ yes_dollars: 5 }],
    [{ yes_dollars: [["0.5"]] }],
    [{ yes_dollars: ["0.5"] }],
    [{ no_dollars: [[0.5, "1"]] }],
  ])("refuses a book whose levels are no pairs of text: %j", async (book) => {
    const { client } = await against((_, response) => answer(response, 200, { orderbook_fp: book }));
    await expectRejection(getMarketOrderbook(client, { ticker: "A" }), "BAD_RECORD", /refused rather than guessed at/);
  });

  it.each(
    Object.entries(operations).flatMap(([name, one]) => {
      const { spec } = one as unknown as Operation;
      return spec.list === undefined ? [] : [[name, spec.list.sizeIn ?? "limit", spec.list.maxLimit] as const];
    }),
  )("is not sent for a page larger than its endpoint gives: %s, %s of %d", async (name, sizeIn, most) => {
    const { client, server } = await against((_, response) => answer(response, 200, {}), { signer: aSigner() });
    const one = operations[name as keyof typeof operations] as unknown as Operation<Readonly<Record<string, unknown>>>;
    const needed = Object.entries(one.spec.query ?? {}).filter(([other, { required }]) => required && other !== sizeIn);
    for (const wrong of [most + 1, -1, 2.5]) {
      const args = { ...Object.fromEntries(needed.map(([other]) => [other, "A"])), [sizeIn]: wrong };
      const hint = wrong === 2.5 ? /give a whole number/ : new RegExp(`give [01] to ${most}$`);
      await expectRejection(one(client, args), "BAD_ARGUMENT", hint);
      await expectRejection(one.pages(client, args).next(), "BAD_ARGUMENT", hint);
    }
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    [{ price: { open: 42 }, volume: "10.00" }, "open"],
    [{ price: {}, volume: 10 }, "volume"],
  ])("refuses archived candles in the shape before 2026: %j", async (old, field) => {
    const sides = { open: "0.1000", high: "0.1000", low: "0.1000", close: "0.1000" };
    const candle = { end_period_ts: 60, open_interest: "1.00", yes_bid: sides, yes_ask: sides, ...old };
    const body = { ticker: "A", candlesticks: [candle] };
    const server = await scriptedServer((_, response) => answer(response, 200, body));
    const client = new Client({ baseUrl: server.baseUrl });
    const asked = getMarketCandlesticksHistorical(client, { ticker: "A", start_ts: 0, end_ts: 60, period_interval: 1 });
    const error = await expectRejection(asked, "LEGACY_FIELDS", /text of/);
    expect(error.message).toMatch(new RegExp(`\`${field}\` as a number`));
    await client.close();
    await server.close();
  });
});

describe("the items of a catalogue", () => {
  it("are each handed out before the exchange sends the next, so that no more than one is ever held", async () => {
    let answering: ServerResponse | null = null;
    const { client } = await against((_, response) => {
      answering = response.writeHead(200);
      answering.write(beginningOf("RAIN0"));
    });
    const read: string[] = [];
    for await (const { ticker, fee_multiplier } of getSeriesList.items(client)) {
      expect(fee_multiplier).toBe(1);
      read.push(ticker);
      // The server goes on only when what it has sent was read: whoever waited for the end would wait for ever.
      const next = JSON.stringify(wireSeries(`RAIN${read.length}`));
      if (read.length < 100) answering!.write(`${next}${read.length < 99 ? "," : ""}`);
      else answering!.end('],"cursor":""}');
    }
    expect(read).toEqual(Array.from({ length: 100 }, (_, at) => `RAIN${at}`));
  });

  it("are asked for with the operation's own parameters, and refused before anything is sent for others", async () => {
    const { client, server } = await against((_, response) => answer(response, 200, { series: [wireSeries("RAIN")] }));
    const read: string[] = [];
    for await (const series of getSeriesList.items(client, { category: "Climate", tags: ["Rain", "Snow"] }))
      read.push(series.ticker);
    expect(read).toEqual(["RAIN"]);
    expect(server.requests.map(({ url }) => url)).toEqual(["/trade-api/v2/series?category=Climate&tags=Rain%2CSnow"]);
    const mistyped = getSeriesList.items(client, { categry: "Climate" } as object).next();
    await expectRejection(mistyped, "BAD_ARGUMENT", /category/);
    expect(server.requests).toHaveLength(1);
  });

  it("are refused one by one: those before a bad one were given, and the answer is not read on", async () => {
    const { ticker: _, ...bad } = wireSeries("RAIN");
    const { client, server } = await against((_, response) => {
      response.writeHead(200).write(`${beginningOf("RAIN")}${JSON.stringify(bad)},`);
    });
    const read: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const series of getSeriesList.items(client)) read.push(series.ticker);
    };
    const error = await expectRejection(reading(), "BAD_RECORD", /update|shape/);
    expect(error.message).toMatch(/`ticker`/);
    expect(read).toEqual(["RAIN"]);
    expect(server.requests).toHaveLength(1);
  });

  it("end with the signal", async () => {
    const stop = new AbortController();
    const { client } = await against((_, response) => void response.writeHead(200).write(beginningOf("RAIN")));
    const reading = async (): Promise<void> => {
      for await (const _ of getSeriesList.items(client, {}, { signal: stop.signal })) stop.abort();
    };
    await expectRejection(reading(), "INTERRUPTED", /run it again/);
  });

  it("are there for operations whose answer is one long list, and for no others", () => {
    expect(getSeriesList).toHaveProperty("items");
    expect(getMarket).not.toHaveProperty("items");
  });
});
