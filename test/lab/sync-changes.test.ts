import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { datasetsIn } from "../../src/datasets/library/datasets-in.js";
import { readLibrary, writeLibrary } from "../../src/datasets/library/library-file.js";
import { provenance } from "../../src/frames/provenance.js";
import { connect } from "../../src/lab/connect.js";
import type { Lab } from "../../src/lab/lab.js";
import { fetchRows } from "../../src/lab/sync/asking.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { type AlteringProxy, alteringProxy } from "../support/altering-proxy.js";
import { runCli } from "../support/cli.js";
import { expectRejection } from "../support/errors.js";
import { pemOf } from "../support/keys.js";
import { connectionTo } from "../support/lab.js";
import { expectSameRows } from "../support/library-rows.js";
import { variablesOf } from "../support/variables.js";

const SERIES = "NORLEAD";

const root = mkdtempSync(join(tmpdir(), "sync-changes-"));
let sandbox: Sandbox;
let proxy: AlteringProxy;
let lab: Lab;
let library: string;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: "sync changes", speed: 0, tier: "prestige" });
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

const env = () => ({ ...variablesOf(sandbox), KALSHI_REST_URL: proxy.restUrl, KALSHI_CACHE: "off" });

/** Leaves out of the answers of a path those records that are to be gone. */
function without(path: RegExp, list: string, isGone: (record: Record<string, unknown>) => boolean): void {
  proxy.alter = (asked, body) => {
    if (!path.test(asked)) return undefined;
    const answer = body as Record<string, Record<string, unknown>[]>;
    return { ...answer, [list]: answer[list]!.filter((record) => !isGone(record)) };
  };
}

describe("a sync that reads again what the library has", () => {
  it("keeps a market that the exchange does not list any more, and says so once, and verify always", async () => {
    await lab.sync({ library, series: SERIES, kinds: ["markets"] });
    const all = await lab.markets({ series: SERIES });
    const ticker = all.get("ticker", 0) as string;
    without(/\/markets$/, "markets", (market) => market.ticker === ticker);
    const { vanished, subjects } = await lab.sync({ library });
    expect(vanished).toMatchObject([{ kind: "markets", series: SERIES, key: ticker, ticker, time: null }]);
    expect(subjects[0]).toMatchObject({ vanished: 1, complete: true });
    const again = await lab.sync({ library });
    expect(again.vanished).toEqual([]);
    expect(again.subjects[0]).toMatchObject({ vanished: 1 });
    const found = await lab.verify(library);
    expect(found.faults).toEqual([]);
    expect(found.vanished).toEqual([
      {
        path: join("kind=markets", `series=${SERIES}`),
        why: expect.stringContaining(`this record any more: ${ticker}`),
      },
    ]);
    await expectSameRows(library, "markets", all);
    const source = async () => provenance(await lab.sql("SELECT * FROM markets", { library }))!.sources[0]!;
    expect(await source()).toMatchObject({ rows: all.numRows(), vanished: 1 });
    const { stdout } = await runCli(["verify", library]);
    expect(stdout).toMatch(/^vanished: kind=markets.*any more: \S+ \(since 20\S+Z\)$/m);
    // It is back: nothing is to be told of it any more.
    proxy.alter = () => undefined;
    expect((await lab.sync({ library })).subjects[0]).toMatchObject({ vanished: 0 });
    expect((await lab.verify(library)).vanished).toEqual([]);
    expect(await source()).not.toHaveProperty("vanished");
  }, 180_000);

  it("keeps a settlement that is gone within the week that is asked again", async () => {
    await lab.sync({ library, kinds: ["settlements"] });
    const all = await lab.settlements();
    const last = all.get("ticker", all.numRows() - 1) as string;
    const many = all.array("ticker").filter((one: unknown) => one === last).length;
    without(/\/settlements$/, "settlements", (one) => one.ticker === last);
    const { vanished } = await lab.sync({ library });
    expect(vanished.map(({ ticker }) => ticker)).toEqual(Array<string>(many).fill(last));
    await expectSameRows(library, "settlements", all);
  }, 180_000);

  it("has the one settlement that the exchange pays at another time, and no two", async () => {
    await lab.sync({ library, kinds: ["settlements"] });
    const last = (await lab.settlements()).slice(-1).object() as { ticker: string; settled_time: number };
    proxy.alter = (path, body) => {
      if (!path.endsWith("/settlements")) return undefined;
      const answer = body as { settlements: Record<string, unknown>[] };
      return {
        ...answer,
        settlements: answer.settlements.map((one) =>
          one.ticker === last.ticker
            ? { ...one, settled_time: new Date(Date.parse(String(one.settled_time)) + 60_000).toISOString() }
            : one,
        ),
      };
    };
    const { amendments, vanished } = await lab.sync({ library });
    expect(amendments[0]).toMatchObject({ kind: "settlements", key: expect.stringContaining(last.ticker) as string });
    expect(amendments[0]!.changes[0]).toMatch(/^settled_time: /);
    expect(vanished).toEqual([]);
    await expectSameRows(library, "settlements", await lab.settlements());
    expect((await lab.verify(library)).faults).toEqual([]);
  }, 180_000);
});

describe("a sync that the exchange does not answer in full", () => {
  it("ends with exit 3 and a line that says what is missing, asks again, and is then whole", async () => {
    let asked = 0;
    let silent = "";
    proxy.alter = (path, body) => {
      if (!/\/markets\/candlesticks$/.test(path)) return undefined;
      const answer = body as { markets: Record<string, unknown>[] };
      silent ||= String(answer.markets[0]!.market_ticker);
      if (answer.markets.some(({ market_ticker }) => market_ticker === silent)) asked += 1;
      return { markets: answer.markets.filter(({ market_ticker }) => market_ticker !== silent) };
    };
    const args = ["--library", library];
    for (const more of [["--series", SERIES], [], []]) {
      const before = asked;
      const { code, stderr, stdout } = await runCli(["sync", ...more, ...args], env());
      expect(code, stderr).toBe(3);
      expect(stderr).toMatch(
        new RegExp(`^incomplete: ${SERIES} candlesticks of 60 min: the exchange did not answer for ${silent}$`, "m"),
      );
      expect(stdout).toMatch(/candlesticks of 60 min: .*incomplete: the exchange did not answer/);
      expect(asked).toBeGreaterThan(before);
    }
    expect((await lab.verify(library)).incomplete.some(({ why }) => why.includes("did not answer"))).toBe(true);
    proxy.alter = () => undefined;
    const { code, stderr } = await runCli(["sync", ...args], env());
    expect(code, stderr).toBe(0);
    const left = (await lab.verify(library)).incomplete.filter(({ why }) => !why.startsWith("the day was not over"));
    expect(left).toEqual([]);
    await expectSameRows(library, "candlesticks", await lab.candlesticks({ series: SERIES }));
  }, 240_000);
});

describe("a sync of what the exchange itself has lost", () => {
  it("ends with exit 3 until nothing more can come, and then with 0 for who accepts it, and says so each time", async () => {
    // The same trade is gone whoever asks; the volume of its market counts it.
    let gone = "";
    proxy.alter = (path, body) => {
      if (!/\/trades$/.test(path)) return undefined;
      const { trades, ...rest } = body as { trades: { trade_id: string }[] };
      gone ||= trades[0]?.trade_id ?? "";
      return { ...rest, trades: trades.filter(({ trade_id }) => trade_id !== gone) };
    };
    const args = ["sync", "--series", SERIES, "--kinds", "markets,trades", "--library", library, "--accept-lost"];
    const codes: (number | null)[] = [];
    for (let sync = 0; sync < 4; sync += 1) {
      const { code, stderr } = await runCli(args, env());
      codes.push(code);
      expect(stderr).toMatch(new RegExp(`^incomplete: ${SERIES} trades: the exchange's trades of `, "m"));
      expect(stderr.includes("no later sync brings it")).toBe(code === 0);
    }
    expect(codes).toEqual([3, 0, 0, 0]);
    expect((await runCli(args.slice(0, -1), env())).code).toBe(3);
    const { subjects } = await lab.sync({ library });
    const { complete, why, lost } = subjects.find(({ kind }) => kind === "trades")!;
    expect({ complete, lost }).toEqual({ complete: false, lost: why });
    // It is told again: all of it is there, and nothing is lost.
    proxy.alter = () => undefined;
    await lab.drop({ library, series: SERIES });
    expect((await runCli(args, env())).code).toBe(0);
  }, 240_000);
});

describe("a later start than before", () => {
  it("changes nothing, and is told with what to do", async () => {
    const ask = { library, series: SERIES, kinds: ["trades"] };
    await lab.sync({ ...ask, from: "2026-09-01" });
    expect((await lab.sync({ ...ask, from: "2026-09-01" })).notes).toEqual([]);
    const { notes, subjects } = await lab.sync({ ...ask, from: "2026-10-01" });
    expect(subjects.find(({ kind }) => kind === "trades")?.from).toBe("2026-09-01T00:00:00Z");
    expect(notes).toEqual([
      expect.stringMatching(/^NORLEAD trades is kept from 2026-09-01T00:00:00Z on already.*drop it/),
    ]);
    const { stderr } = await runCli(
      ["sync", "--series", SERIES, "--kinds", "trades", "--from", "2026-10-01", "--library", library],
      env(),
    );
    expect(stderr).toMatch(/^note: NORLEAD trades is kept from/m);
    await lab.drop({ library, series: SERIES });
    await lab.sync({ ...ask, from: "2026-10-01" });
    await expectSameRows(library, "trades", await lab.trades({ series: SERIES, from: "2026-10-01" }));
  }, 180_000);
});

describe("a library with records of an account", () => {
  /** Another key: of the same account where the exchange made it for it, else of another. */
  const connected = async (keyId: string, privateKey: string, through?: string) => {
    const { env: of, restUrl, wsUrl } = connectionTo(sandbox);
    return connect({ env: of, restUrl: through ?? restUrl, wsUrl, keyId, privateKey, cache: false });
  };
  const rotated = async () => {
    const made = await lab.api.generateApiKey({ name: "another", key_type: "ed25519" });
    return connected(made.api_key_id, made.private_key.reveal(), proxy.restUrl);
  };
  const stranger = async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const { keyId } = sandbox.addKey(String(publicKey.export({ type: "spki", format: "pem" })), { balance: 1_000_000 });
    return connected(keyId, pemOf(privateKey));
  };
  const texts = (dir: string): string =>
    readdirSync(dir, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => readFileSync(join(dir, name), "utf8"))
      .join("\n");

  it("goes on with a new key of the same account, and has no key's id in clear", async () => {
    await lab.sync({ library, kinds: ["fills", "settlements"] });
    const { keyId } = lab.client.signer!;
    expect(texts(library)).not.toContain(keyId);
    // As an earlier version wrote it.
    const path = join(library, "_library.json");
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), account: keyId }));
    await lab.sync({ library });
    expect(texts(library)).not.toContain(keyId);
    const next = await rotated();
    try {
      const before = readFileSync(path, "utf8");
      expect((await next.sync({ library })).subjects.map(({ complete, vanished }) => [complete, vanished])).toEqual([
        [true, 0],
        [true, 0],
      ]);
      expect(readFileSync(path, "utf8")).not.toBe(before);
      await expectSameRows(library, "fills", await next.fills());
      expect((await next.sync({ library })).subjects.map(({ added }) => added)).toEqual([0, 0]);
    } finally {
      await next.close();
    }
  }, 180_000);

  it("is refused to a key that is told a part of its fills, as one of a subaccount is, unless that is said to be of the account", async () => {
    await lab.sync({ library, kinds: ["fills"] });
    const fills = await lab.fills();
    const last = fills.get("fill_id", fills.numRows() - 1) as string;
    const next = await rotated();
    try {
      without(/\/fills$/, "fills", (fill) => fill.fill_id === last);
      const refused = await expectRejection(next.sync({ library }), "CHECKPOINT_MISMATCH", /--same-account/);
      expect(refused.message).toMatch(/\d+ of the last \d+ fills alone/);
      await next.sync({ library, sameAccount: true });
      await expectSameRows(library, "fills", fills);
    } finally {
      await next.close();
    }
  }, 180_000);

  it("is refused to another account, also when that says it is the same", async () => {
    await lab.sync({ library, kinds: ["fills"] });
    const other = await stranger();
    try {
      const refused = await expectRejection(other.sync({ library }), "CHECKPOINT_MISMATCH", /--library/);
      expect(refused.message).toMatch(/none of the fills/);
      await expectRejection(other.sync({ library, sameAccount: true }), "CHECKPOINT_MISMATCH", /--library/);
    } finally {
      await other.close();
    }
    await expectSameRows(library, "fills", await lab.fills());
  }, 180_000);

  it("has nothing of a question that another account's stopped sync had answered", async () => {
    const asked = join(library, "asked");
    await lab.sync({ library: asked, kinds: ["fills"] });
    const { exchange, account, subjects } = readLibrary(asked)!;
    // As one is left that was killed when all was downloaded and nothing yet in the library.
    const stopped = join(library, "stopped");
    await writeLibrary(stopped, { exchange, account, subjects });
    const asking = { subject: subjects[0]!, ask: {}, begun: new Date().toISOString(), exchange, account };
    await fetchRows(lab, stopped, asking, {});
    const other = await stranger();
    try {
      expect((await other.fills()).numRows()).toBe(0);
      expect((await other.sync({ library: stopped })).subjects).toMatchObject([{ added: 0, complete: true }]);
      expect(await datasetsIn(stopped)).toMatchObject([{ kind: "fills", files: 0, rows: 0 }]);
    } finally {
      await other.close();
    }
  }, 180_000);

  it("is refused to another account where no fill has a time", async () => {
    proxy.alter = (path, body) => {
      if (!path.endsWith("/fills")) return undefined;
      const answer = body as { fills: Record<string, unknown>[] };
      return { ...answer, fills: answer.fills.map(({ created_time: _time, ts: _ts, ...fill }) => fill) };
    };
    await lab.sync({ library, kinds: ["fills"] });
    proxy.alter = () => undefined;
    const other = await stranger();
    try {
      await expectRejection(other.sync({ library }), "CHECKPOINT_MISMATCH", /--library/);
    } finally {
      await other.close();
    }
  }, 180_000);

  it("with settlements alone takes another key only when it is said to be of the same account", async () => {
    await lab.sync({ library, kinds: ["settlements"] });
    const next = await rotated();
    try {
      await expectRejection(next.sync({ library }), "CHECKPOINT_MISMATCH", /--same-account/);
      const { subjects } = await next.sync({ library, sameAccount: true });
      expect(subjects[0]).toMatchObject({ added: 0, complete: true, vanished: 0 });
      expect((await next.sync({ library })).subjects).toHaveLength(1);
    } finally {
      await next.close();
    }
  }, 180_000);
});
