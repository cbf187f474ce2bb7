import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/lab/connect.js";
import { readTarget } from "../../src/lab/environment.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectError, expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";

describe("where to connect", () => {
  const pem = "-----BEGIN PRIVATE KEY-----";

  it("is a sandbox to be started, unless told otherwise, and it is shown no key of the real exchange", () => {
    const target = readTarget({}, { KALSHI_API_KEY_ID: "real", KALSHI_PRIVATE_KEY: pem });
    expect(target).toEqual({ env: "sandbox", restUrl: null, wsUrl: null, credentials: null, tokenShare: 1 });
  });

  it("takes options before variables, and each environment's own hosts", () => {
    expect(readTarget({ env: "demo" }, { KALSHI_ENV: "production" }).restUrl).toMatch(/demo/);
    expect(readTarget({}, { KALSHI_ENV: "production" }).wsUrl).toMatch(/^wss:/);
    expect(
      readTarget({ keyId: "mine", privateKey: pem }, { KALSHI_ENV: "demo", KALSHI_API_KEY_ID: "other" }).credentials,
    ).toEqual({ keyId: "mine", privateKey: pem });
  });

  it("finds the socket beside a REST URL", () => {
    expect(readTarget({ restUrl: "http://127.0.0.1:9/trade-api/v2" }, {}).wsUrl).toBe(
      "ws://127.0.0.1:9/trade-api/ws/v2",
    );
  });

  it("takes its share of the account's tokens from the option or the variable", async () => {
    expect(readTarget({ tokenShare: 0.5 }, { KALSHI_TOKEN_SHARE: "0.1" }).tokenShare).toBe(0.5);
    expect(readTarget({}, { KALSHI_TOKEN_SHARE: "0.1" }).tokenShare).toBe(0.1);
    for (const share of ["0", "1.5", "half"])
      expectError(() => readTarget({}, { KALSHI_TOKEN_SHARE: share }), "BAD_ARGUMENT", /up to 1/);
  });

  it("refuses an unknown environment, and a key without its id", () => {
    expectError(() => readTarget({}, { KALSHI_ENV: "prod" }), "BAD_ARGUMENT", /production/);
    expectError(() => readTarget({ env: "demo", privateKey: pem }, {}), "KEY_MISSING", /KALSHI_API_KEY_ID/);
  });
});

describe("connect", () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: "connect" });
  });

  afterAll(() => sandbox.close());

  it("starts a sandbox of its own, which is gone with its key once the lab is closed", async () => {
    const lab = await connect({ sandbox: ["--seed", "own"] });
    const { pid, private_key_path: path } = lab.sandbox!;
    expect((await lab.series()).array("ticker")).toContain("SANDBOX");
    expect(existsSync(path)).toBe(true);
    await lab.close();
    expect(existsSync(dirname(path))).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it("ends with the block it is used in", async () => {
    let pid = 0;
    {
      await using lab = await connect({ sandbox: [] });
      pid = lab.sandbox!.pid;
    }
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it("says what the sandbox said when it does not start", async () => {
    await expectRejection(
      connect({ sandbox: ["--data", "/nowhere"] }),
      "FILE_NOT_FOUND",
      /series\.ndjson|check the path|folder/,
    );
  });

  it("only reads where trading was not asked for", async () => {
    const order = { ticker: "SANDBOX-LIVE-T45", side: "bid", count: 1, price: "0.01" } as const;
    const { restUrl, wsUrl, keyId, privateKeyPath } = connectionTo(sandbox);
    const reading = await connect({ env: "demo", restUrl, wsUrl, keyId, privateKeyPath });
    await expectRejection(reading.trading.place(order), "TRADING_DISABLED", /trading: true/);
    await reading.close();
    const trading = await connect({ env: "demo", restUrl, wsUrl, keyId, privateKeyPath, trading: true });
    const placed = await trading.trading.place(order);
    await trading.trading.cancel(placed.order_id);
    await trading.close();
  });

  it("gives public data without a key, and says what the rest needs", async () => {
    const { restUrl, wsUrl } = connectionTo(sandbox);
    const lab = await connect({ env: "demo", restUrl, wsUrl });
    expect((await lab.markets({ event: "SANDBOX-LIVE" })).numRows()).toBeGreaterThan(0);
    await expectRejection(lab.fills(), "KEY_MISSING", /KALSHI_API_KEY_ID/);
    await expectRejection(lab.live({ ticker: "SANDBOX-LIVE-T45" }), "KEY_MISSING", /KALSHI_API_KEY_ID/);
    await lab.close();
  });

  it("keeps two accounts in one process apart", async () => {
    const other = await startSandbox({ seed: "other account" });
    const labs = await Promise.all([connect(connectionTo(sandbox)), connect(connectionTo(other))]);
    const tickers = await Promise.all(labs.map(async (lab) => JSON.stringify((await lab.fills()).array("fill_id"))));
    expect(tickers[0]).not.toBe(tickers[1]);
    await Promise.all(labs.map((lab) => lab.close()));
    await other.close();
  });
});
