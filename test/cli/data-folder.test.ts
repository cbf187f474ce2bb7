import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure, runCli, startCli } from "../support/cli.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-folder-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A small invented world: one event with one market and its trades. */
const series = {
  ticker: "TIDE",
  title: "High tide",
  category: "Science",
  frequency: "daily",
  fee_type: "quadratic",
  fee_multiplier: 1,
};
const event = { event_ticker: "TIDE-26OCT01", series_ticker: "TIDE", title: "High tide on Oct 1", sub_title: "Oct 1" };
const market = {
  ticker: "TIDE-26OCT01-T4",
  event_ticker: "TIDE-26OCT01",
  market_type: "binary",
  status: "finalized",
  title: "Above 4 m",
  yes_sub_title: "Above 4 m",
  no_sub_title: "4 m or less",
  created_time: "2026-09-30T10:00:00Z",
  open_time: "2026-09-30T14:00:00Z",
  close_time: "2026-10-01T20:00:00Z",
  expiration_time: "2026-10-02T20:00:00Z",
  settlement_ts: "2026-10-01T21:00:00Z",
  result: "yes",
  settlement_value_dollars: "1.0000",
  expiration_value: "4.2",
  last_price_dollars: "0.9900",
  yes_bid_dollars: "0.0000",
  yes_ask_dollars: "1.0000",
  volume_fp: "30.00",
  open_interest_fp: "30.00",
  price_level_structure: "linear_cent",
  price_ranges: [{ start: "0.0000", end: "1.0000", step: "0.0100" }],
};
const trade = (number: number): Record<string, unknown> => ({
  trade_id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
  ticker: market.ticker,
  yes_price_dollars: "0.5600",
  no_price_dollars: "0.4400",
  count_fp: "10.00",
  taker_side: "yes",
  created_time: `2026-10-01T1${number}:00:00Z`,
});

type Files = Readonly<Record<string, string | Buffer | null>>;

const whole: Files = {
  "series.ndjson": lines(series),
  "events.ndjson": lines(event),
  "markets.ndjson": lines(market),
  "trades.ndjson": lines(trade(1), trade(2), trade(3)),
};

function lines(...objects: readonly unknown[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}

let folders = 0;

/** The small world with some files changed; null leaves one out. */
function dataFolder(changes: Files = {}): string {
  folders += 1;
  const dir = join(root, String(folders));
  mkdirSync(dir);
  for (const [name, content] of Object.entries({ ...whole, ...changes })) {
    if (content !== null) writeFileSync(join(dir, name), content);
  }
  return dir;
}

const sandbox = (data: string): ReturnType<typeof runCli> => runCli(["sandbox", "--data", data]);

describe("a data folder", () => {
  it("that is whole is served, plain or packed", async () => {
    const packed = { "trades.ndjson": null, "trades.ndjson.gz": gzipSync(whole["trades.ndjson"]!) };
    for (const data of [dataFolder(), dataFolder(packed)]) {
      const run = startCli(["sandbox", "--data", data]);
      const ready = await new Promise<string>((resolve, reject) => {
        run.child.stdout!.once("data", resolve);
        void run.ended.then(({ stderr }) => reject(new Error(stderr)));
      });
      expect(JSON.parse(ready)).toMatchObject({ rest_url: expect.stringMatching(/^http:/) as string });
      run.child.kill("SIGTERM");
      await run.ended;
    }
  });

  it.for(Object.keys(whole))("without %s is refused, naming what is missing", async (name) => {
    const data = dataFolder({ [name]: null });
    await expectFailure(sandbox(data), "FILE_NOT_FOUND", {
      found: new RegExp(`no ${name.replace(".", "\\.")} .* in ${data}`),
      hint: /series\.ndjson, events\.ndjson, markets\.ndjson and trades\.ndjson/,
    });
  });

  it("that is not there, or is a file, is named", async () => {
    const file = join(dataFolder(), "series.ndjson");
    for (const path of [join(root, "nowhere"), file]) {
      await expectFailure(sandbox(path), "FILE_NOT_FOUND", { found: new RegExp(path), hint: /data folder/ });
    }
  });

  const broken: readonly (readonly [what: string, file: string, number: number, content: string, found: RegExp])[] = [
    ["is no JSON", "trades.ndjson", 2, `${lines(trade(1))}{"trade_id": \n${lines(trade(3))}`, /no JSON/],
    ["was cut off", "trades.ndjson", 3, lines(trade(1), trade(2), trade(3)).slice(0, -20), /no JSON/],
    ["is a list", "events.ndjson", 2, `${lines(event)}[]\n`, /JSON object/],
    ["lacks a field", "markets.ndjson", 1, lines({ ...market, open_time: undefined }), /open_time/],
    [
      "has a price that is none",
      "trades.ndjson",
      2,
      lines(trade(1), { ...trade(2), yes_price_dollars: "abc" }),
      /yes_price_dollars/,
    ],
    ["has a time that is none", "trades.ndjson", 1, lines({ ...trade(1), created_time: "noon" }), /created_time/],
    [
      "is of the shape before 2026",
      "trades.ndjson",
      1,
      lines({ ...trade(1), yes_price_dollars: undefined, yes_price: 56 }),
      /before 2026/,
    ],
    ["comes twice", "trades.ndjson", 2, lines(trade(1), trade(1)), /twice/],
    ["belongs to nothing", "trades.ndjson", 1, lines({ ...trade(1), ticker: "TIDE-NOPE" }), /TIDE-NOPE/],
  ];
  it.for(broken)("with a line that %s is refused, file and line named", async ([, file, number, content, found]) => {
    const data = dataFolder({ [file]: content });
    const place = new RegExp(`${join(data, file)}, line ${number}: `);
    await expectFailure(sandbox(data), "BAD_LINE", { found: place, hint: new RegExp(`line ${number}`) });
    expect((await sandbox(data)).stderr).toMatch(found);
  });

  it("with a broken line inside a packed file is refused, file and line named", async () => {
    const content = gzipSync(`${lines(trade(1), trade(2))}oops\n`);
    const data = dataFolder({ "trades.ndjson": null, "trades.ndjson.gz": content });
    await expectFailure(sandbox(data), "BAD_LINE", { found: /trades\.ndjson\.gz, line 3: / });
  });

  it("with a packed file that was cut off is refused, the file named", async () => {
    const content = gzipSync(whole["trades.ndjson"]!).subarray(0, 40);
    const data = dataFolder({ "trades.ndjson": null, "trades.ndjson.gz": content });
    await expectFailure(sandbox(data), "FILE_UNREADABLE", { found: /trades\.ndjson\.gz/, hint: /whole/ });
  });

  it("is refused by `start` in the same words", async () => {
    const data = dataFolder({ "trades.ndjson": "oops\n" });
    const run = runCli(["start", "--data", data, "--out", join(root, "out")]);
    await expectFailure(run, "BAD_LINE", { found: /trades\.ndjson, line 1: / });
  });

  // Root may read everything, so it has to give that right up.
  const under =
    process.getuid?.() === 0
      ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]
      : [];
  it.for(["the folder", "a file"])("that may not be read is named: %s", async (what) => {
    const data = dataFolder();
    const path = what === "a file" ? join(data, "markets.ndjson") : data;
    chmodSync(path, 0);
    const run = runCli(["sandbox", "--data", data], {}, { under });
    try {
      await expectFailure(run, "FILE_UNREADABLE", { found: new RegExp(data), hint: /may read/ });
    } finally {
      chmodSync(path, 0o700);
    }
  });
});

describe("a file of own fills", () => {
  let dir: string;
  beforeAll(() => {
    dir = join(root, "fills");
    mkdirSync(dir);
  });
  const pnl = (name: string, content: string | Buffer | null): ReturnType<typeof runCli> => {
    if (content !== null) writeFileSync(join(dir, name), content);
    return runCli(["pnl", "--fills", join(dir, name), "--json"]);
  };
  const fill = {
    fill_id: "00000000-0000-4000-8000-000000000001",
    order_id: "00000000-0000-4000-8000-000000000002",
    trade_id: "00000000-0000-4000-8000-000000000003",
    ticker: market.ticker,
    side: "yes",
    action: "buy",
    count_fp: "10.00",
    yes_price_dollars: "0.5600",
    no_price_dollars: "0.4400",
    fee_cost: "0.1800",
    is_taker: true,
    created_time: "2026-10-01T11:00:00Z",
  };

  it("that is not there, is a folder, or has an unknown ending is named", async () => {
    await expectFailure(pnl("gone.ndjson", null), "FILE_NOT_FOUND", { found: /gone\.ndjson/, hint: /path/ });
    await expectFailure(runCli(["pnl", "--fills", dir]), "FILE_UNREADABLE", { found: /fills/ });
  });

  it("with a broken line is refused, file and line named, also inside a packed one", async () => {
    const text = `${lines(fill)}${lines(fill).slice(0, 30)}\n`;
    await expectFailure(pnl("broken.ndjson", text), "BAD_LINE", { found: /broken\.ndjson:2: / });
    await expectFailure(pnl("broken.ndjson.gz", gzipSync(text)), "BAD_LINE", { found: /broken\.ndjson\.gz:2: / });
    await expectFailure(pnl("cut.ndjson.gz", gzipSync(text).subarray(0, 30)), "FILE_UNREADABLE", { found: /cut/ });
  });

  it("of the shape before 2026 is refused, naming the field to have instead", async () => {
    const old = { ...fill, count_fp: undefined, yes_price_dollars: undefined, count: 10, yes_price: 56 };
    await expectFailure(pnl("old.ndjson", lines(old)), "LEGACY_FIELDS", { found: /count|yes_price/ });
  });

  it("with a record of unknown shape is refused, naming the field", async () => {
    const bad = { ...fill, yes_price_dollars: "much" };
    await expectFailure(pnl("bad.ndjson", lines(fill, bad)), "BAD_RECORD", { found: /yes_price_dollars/ });
    await expectFailure(pnl("list.ndjson", "[1, 2]\n"), "BAD_RECORD");
  });

  it("that is a Parquet or CSV file of something else is refused", async () => {
    await expectFailure(pnl("noise.parquet", "this is no Parquet file"), "FILE_UNREADABLE", {
      found: /noise\.parquet/,
    });
    await expectFailure(pnl("other.csv", "a,b\n1,2\n"), "COLUMN_MISSING");
  });

  it("leaves nothing beside itself", () => {
    expect(readdirSync(dir).filter((name) => name.includes(".tmp"))).toEqual([]);
  });
});
