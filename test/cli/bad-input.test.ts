import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { expectFailure, runCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { connectionTo } from "../support/lab.js";
import { ownSandbox, variablesOf } from "../support/variables.js";

const folder = mkdtempSync(join(tmpdir(), "kalshi-lab-input-"));
let sandbox: Sandbox;
let lab: Lab;
let env: Record<string, string>;
let settled: { readonly ticker: string; readonly event: string };

beforeAll(async () => {
  sandbox = await startSandbox({ seed: "bad input" });
  env = variablesOf(sandbox);
  lab = await connect(connectionTo(sandbox));
  const markets = await lab.markets({ series: "AVONHIGH" });
  const row = (markets.array("status") as string[]).indexOf("finalized");
  settled = { ticker: String(markets.get("ticker", row)), event: String(markets.get("event_ticker", row)) };
});

afterAll(async () => {
  await lab.close();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const download = (noun: string, ...flags: string[]): ReturnType<typeof runCli> =>
  runCli(["download", noun, "--out", join(folder, "out.csv"), ...flags], env);

describe("an id that the exchange does not know", () => {
  it.for([
    ["trades", "--ticker", "NOPE", "MARKET_NOT_FOUND", /NOPE/, /search/],
    ["trades", "--event", "NOPE", "EVENT_NOT_FOUND", /NOPE/, /events/],
    ["trades", "--series", "NOPE", "SERIES_NOT_FOUND", /NOPE/, /search/],
    ["candlesticks", "--ticker", "NOPE", "MARKET_NOT_FOUND", /NOPE/, /search/],
    ["candlesticks", "--event", "NOPE", "EVENT_NOT_FOUND", /NOPE/, /events/],
    ["candlesticks", "--series", "NOPE", "SERIES_NOT_FOUND", /NOPE/, /search/],
    ["markets", "--ticker", "NOPE", "MARKET_NOT_FOUND", /NOPE/, /search/],
    ["markets", "--event", "NOPE", "EVENT_NOT_FOUND", /NOPE/, /events/],
    ["markets", "--series", "NOPE", "SERIES_NOT_FOUND", /NOPE/, /search/],
    ["events", "--event", "NOPE", "EVENT_NOT_FOUND", /NOPE/, /events/],
    ["events", "--series", "NOPE", "SERIES_NOT_FOUND", /NOPE/, /search/],
    ["series", "--series", "NOPE", "SERIES_NOT_FOUND", /NOPE/, /search/],
  ] as const)(
    "is named by `download %s %s %s`, which leaves nothing behind",
    async ([noun, flag, id, code, found, hint]) => {
      await expectFailure(download(noun, flag, id), code, { found, hint });
      expect(readdirSync(folder)).not.toContain("out.csv.partial");
    },
  );

  it("is told from the id of an event given as a market", async () => {
    await expectFailure(download("trades", "--ticker", settled.event), "MARKET_NOT_FOUND", { hint: /is an event/ });
  });

  it("is named by the recorder, which leaves no folder", async () => {
    const out = join(folder, "recording");
    const record = (...flags: string[]): ReturnType<typeof runCli> => runCli(["record", "--out", out, ...flags], env);
    await expectFailure(record("--tickers", "NOPE"), "MARKET_NOT_FOUND", { found: /NOPE/, hint: /search/ });
    await expectFailure(record("--event", "NOPE"), "EVENT_NOT_FOUND", { found: /NOPE/ });
    await expectFailure(record("--series", "NOPE"), "SERIES_NOT_FOUND", { found: /NOPE/ });
    expect(existsSync(out)).toBe(false);
  });

  it("is named by books, live events and books of several markets", async () => {
    await expectRejection(lab.orderbook({ ticker: "NOPE" }), "MARKET_NOT_FOUND", /check the ticker/);
    await expectRejection(lab.orderbooks({ tickers: ["NOPE"] }), "MARKET_NOT_FOUND", /search/);
    await expectRejection(lab.live({ ticker: "NOPE" }), "MARKET_NOT_FOUND", /search/);
    await expectRejection(lab.live({ series: "NOPE" }), "SERIES_NOT_FOUND", /search/);
  });

  it("is not needed when a link of kalshi.com is at hand", async () => {
    const link = `https://kalshi.com/markets/avonhigh/high-temp/${settled.event.toLowerCase()}?ref=1#rules`;
    const run = await download("markets", "--event", link, "--json");
    expect(run.code, run.stderr).toBe(0);
    expect((JSON.parse(run.stdout) as { rows: number }).rows).toBeGreaterThan(0);
  });

  it("is refused at once when it can be none, whatever it holds", async () => {
    for (const id of ["", "two words", "a/b", "https://example.com/markets/avonhigh"]) {
      await expectRejection(lab.trades({ ticker: id }), "BAD_ARGUMENT", /kalshi\.com link/);
    }
    await expectFailure(download("trades", "--series", "../etc"), "BAD_ARGUMENT", { found: /etc/, exit: 2 });
  });
});

describe("markets that do not trade any more", () => {
  it("are refused by the recorder and by live events instead of everybody's being taken", async () => {
    const out = join(folder, "settled");
    await expectFailure(runCli(["record", "--event", settled.event, "--out", out], env), "MARKET_NOT_FOUND", {
      found: /open/,
      hint: /search/,
    });
    expect(existsSync(out)).toBe(false);
    await expectRejection(
      lab.live({ event: settled.event, channels: ["trade"] }),
      "MARKET_NOT_FOUND",
      /lab\.trades\(\)/,
    );
  });
});

describe("times", () => {
  it("from after to are refused, both named", async () => {
    await expectFailure(
      download("trades", "--series", "AVONHIGH", "--from", "2026-10-10", "--to", "2026-10-01"),
      "BAD_RANGE",
      {
        found: /2026-10-10.*2026-10-01/,
        hint: /swap/,
      },
    );
    const now = new Date();
    await expectRejection(lab.trades({ from: now, to: now }), "BAD_RANGE", /included/);
    await expectRejection(lab.trades({ from: "-1d", to: "-2d" }), "BAD_RANGE", /included/);
  });

  it.for(["yesterday", "2026-13-01", "2026-02-30", "2026-10-01T25:00:00Z", "-7", "1760000000", ""])(
    "that cannot be read are refused with examples of what can: %j",
    async (time) => {
      await expectRejection(lab.trades({ series: "AVONHIGH", from: time }), "BAD_TIME", /2026-11-01T09:30:00Z.*-7d/);
      await expectRejection(lab.candlesticks({ series: "AVONHIGH", to: time }), "BAD_TIME", /2026-11-01T09:30:00Z/);
    },
  );

  it("are refused on the command line too, with nothing left behind", async () => {
    await expectFailure(download("trades", "--series", "AVONHIGH", "--from", "yesterday"), "BAD_TIME", {
      found: /yesterday/,
      hint: /-7d/,
    });
    expect(existsSync(join(folder, "out.csv.partial"))).toBe(false);
    await expectFailure(runCli(["sandbox", "--clock", "noon"]), "BAD_TIME", { found: /noon/ });
  });
});

describe("a command line that is not understood", () => {
  it("is told with the name of the option whose value is wrong", async () => {
    const { code, stderr } = await runCli(["sandbox", "--port", "banana"]);
    expect(stderr).toMatch(/^BAD_ARGUMENT: --port: not a whole number: "banana"\n {2}→ /);
    expect(code).toBe(2);
  });

  it("leads to download where only what is wanted is named", async () => {
    const { code, stderr } = await runCli(["trades", "--series", "AVONHIGH"]);
    expect(stderr).toContain("usage: `kalshi-lab download trades --out <file> [options]`");
    expect(code).toBe(2);
  });
});

describe("keys", () => {
  const { KALSHI_REST_URL, KALSHI_WS_URL } = ownSandbox;
  let noKey: Record<string, string>;
  const pem = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const doctor = (...flags: string[]): ReturnType<typeof runCli> => runCli(["doctor", ...flags], noKey);
  // The steps that a doctor went through before the key was found wanting, and before the signature was.
  const told =
    /^host +ok .*\nclock +ok .*\nkey +FAILED .*\nsignature +- .*\nscopes +- .*\nregion +- .*\nlimits +- .*\n$/;
  const accepted =
    /^host +ok .*\nclock +ok .*\nkey +ok .*\nfile +ok .*\nsignature FAILED .*\nscopes +- .*\nregion +- .*\nlimits +- .*\n$/;

  beforeAll(() => {
    noKey = { ...env, KALSHI_API_KEY_ID: "", KALSHI_PRIVATE_KEY_PATH: "" };
    expect([KALSHI_REST_URL, KALSHI_WS_URL]).toEqual(["", ""]);
  });

  it.for(["fills", "orders", "positions", "settlements"])(
    "that are missing are asked for before anything else when own %s are downloaded",
    async (noun) => {
      const asked = runCli(["download", noun, "--out", join(folder, "own.csv")], noKey);
      await expectFailure(asked, "KEY_MISSING", { hint: /KALSHI_API_KEY_ID.*KALSHI_PRIVATE_KEY_PATH/ });
      expect(existsSync(join(folder, "own.csv.partial"))).toBe(false);
    },
  );

  it("that are missing stop neither public data nor the doctor", async () => {
    const { code, stderr } = await doctor();
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/key\s+none/);
    const path = join(folder, "public.csv");
    const run = await runCli(["download", "markets", "--event", settled.event, "--out", path], noKey);
    expect(run.code, run.stderr).toBe(0);
  });

  it("that are missing are asked for by the recorder, which needs one whatever the channel", async () => {
    const out = join(folder, "keyless");
    await expectFailure(runCli(["record", "--series", "SANDBOX", "--out", out], noKey), "KEY_MISSING", {
      hint: /KALSHI_/,
    });
    expect(existsSync(out)).toBe(false);
  });

  it("without their other half are refused", async () => {
    await expectFailure(doctor("--key-id", "abc"), "KEY_MISSING", {
      found: /abc.*private key/,
      hint: /--private-key/,
      told,
    });
    await expectFailure(doctor("--private-key", "x.pem"), "KEY_MISSING", {
      found: /no key id/,
      hint: /--key-id/,
      told,
    });
  });

  it("in a file that is not there, or is none, are named with their path", async () => {
    const gone = join(folder, "gone.pem");
    await expectFailure(doctor("--key-id", "abc", "--private-key", gone), "KEY_MISSING", {
      found: /gone\.pem/,
      hint: /path/,
      told,
    });
    await expectFailure(doctor("--key-id", "abc", "--private-key", folder), "KEY_UNREADABLE", { hint: /path/, told });
  });

  it("that are faulty are refused with what is wrong, and never shown", async () => {
    const secret = "MC4CAQAwBQYDK2VwBCIEIHdlYmFkc2VjcmV0";
    const { publicKey } = generateKeyPairSync("ed25519");
    const encrypted = generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
    }).privateKey;
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    });
    const faulty: readonly (readonly [name: string, text: string, found: RegExp, hint: RegExp])[] = [
      ["no.pem", secret, /BEGIN/, /first and last line/],
      [
        "cut.pem",
        `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
        /cut off/,
        /first and last line/,
      ],
      ["public.pem", String(publicKey.export({ type: "spki", format: "pem" })), /public key/, /private key/],
      ["locked.pem", encrypted, /encrypted/, /passphrase/],
      ["empty.pem", "", /empty/, /PEM/],
    ];
    for (const [name, text, found, hint] of faulty) {
      const run = doctor("--key-id", "abc", "--private-key", pem(name, text));
      await expectFailure(run, "KEY_UNREADABLE", { found, hint, told });
      expect((await run).stderr).not.toContain(secret);
    }
    await expectFailure(doctor("--key-id", "abc", "--private-key", pem("curve.pem", String(curve))), "KEY_WRONG_TYPE", {
      found: /not accepted: ec/,
      hint: /RSA.*Ed25519/,
      told,
    });
  });

  it("that the exchange does not know, or that belong to another id, are told apart", async () => {
    const other = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    const path = pem("other.pem", String(other));
    await expectFailure(doctor("--key-id", "abc", "--private-key", path), "KEY_UNKNOWN", {
      hint: /environment/,
      told: accepted,
    });
    const known = sandbox.ready.key_id;
    await expectFailure(doctor("--key-id", known, "--private-key", path), "KEY_REFUSED", {
      hint: /belong together/,
      told: accepted,
    });
  });

  it("never travel to another machine without TLS", async () => {
    const away = connect({ ...connectionTo(sandbox), restUrl: "http://exchange.example/trade-api/v2" });
    await expectRejection(away, "KEY_WRONG_HOST", /https/);
  });
});

describe("an environment", () => {
  it("of an unknown name is refused, also when the variable has it", async () => {
    await expectFailure(runCli(["doctor"], { KALSHI_ENV: "prod" }), "BAD_ARGUMENT", {
      found: /"prod"/,
      hint: /KALSHI_ENV/,
      exit: 2,
    });
    await expectRejection(connect({ env: "Demo" as "demo" }), "BAD_ARGUMENT", /sandbox, demo or production/);
  });

  it("called sandbox whose URL is another machine's may not be traded on", async () => {
    // Nothing is sent: without a key there are no limits to ask for.
    const away = await connect({ env: "sandbox", restUrl: "https://exchange.example/trade-api/v2" });
    const order = { ticker: "X", side: "bid", count: "1", price: "0.5" } as const;
    await expectRejection(away.trading.place(order), "TRADING_DISABLED", /trading: true/);
    await away.close();
  });

  it("whose URL is none is refused", async () => {
    for (const url of ["localhost", "localhost:8080/trade-api/v2"]) {
      const run = runCli(["doctor", "--rest-url", url]);
      await expectFailure(run, "BAD_ARGUMENT", { found: /localhost/, hint: /base URL with its prefix/, exit: 2 });
    }
  });
});

describe("a port that another program has", () => {
  let other: Server;
  let port: string;
  beforeAll(async () => {
    other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    port = String(typeof address === "object" ? address?.port : address);
  });
  afterAll(() => new Promise((resolve) => other.close(resolve)));

  it.for(["--port", "--control-port"])("is named by `sandbox %s`, which leaves no key behind", async (flag) => {
    const TMPDIR = join(folder, `tmp${flag}`);
    mkdirSync(TMPDIR);
    const run = runCli(["sandbox", flag, port], { TMPDIR });
    await expectFailure(run, "PORT_IN_USE", { found: new RegExp(port), hint: /another port/ });
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith("kalshi"))).toEqual([]);
  });

  it("is named by `start`, which leaves what an earlier run made as it was", async () => {
    const out = join(folder, "earlier");
    mkdirSync(join(out, "notebooks"), { recursive: true });
    const run = runCli(["start", "--port", port, "--out", out]);
    await expectFailure(run, "PORT_IN_USE", { found: new RegExp(port), hint: /another port/ });
    expect(readdirSync(out)).toEqual(["notebooks"]);
  });
});

describe("a file to write", () => {
  it.for(["trades.xlsx", "trades", "trades.csv.gz", ".csv/trades"])(
    "with an ending of no known format is refused before anything is asked: %s",
    async (name) => {
      const out = join(folder, name);
      const run = runCli(["download", "trades", "--series", "AVONHIGH", "--out", out], env);
      await expectFailure(run, "FILE_FORMAT", { found: new RegExp(name), hint: /\.csv, \.parquet or \.arrow/ });
      expect(existsSync(`${out}.partial`)).toBe(false);
    },
  );

  it("in a place that is none is named", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const below = join(file, "trades.csv");
    const saved = runCli(["download", "markets", "--event", settled.event, "--out", below], env);
    await expectFailure(saved, "WRITE_FAILED", { found: /a-file/, hint: /folder/ });
    const recorded = runCli(["record", "--series", "SANDBOX", "--out", join(file, "recording")], env);
    await expectFailure(recorded, "WRITE_FAILED", { found: /a-file/, hint: /folder/ });
    await expectFailure(runCli(["start", "--out", join(file, "out")]), "WRITE_FAILED", { found: /a-file/ });
  });
});
