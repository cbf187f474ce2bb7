import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigner } from "../../../src/client/signing.js";
import { wireFoundBook } from "../../../src/recorder/found-book.js";
import { type RecordOptions, startRecorder } from "../../../src/recorder/record.js";
import { openRecording, type Recording } from "../../../src/recorder/replay.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/sandbox.js";
import { expectRejection } from "../../support/errors.js";
import { complaints, whyNoSpecification } from "../../support/openapi.js";
import { memberOf } from "../../support/sandbox-member.js";
import { until } from "../../support/wait.js";

const CHANNELS = ["orderbook_delta", "trade", "ticker"];
const root = mkdtempSync(join(tmpdir(), "kalshi-replay-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function recorderOf(
  sandbox: Sandbox,
  dir: string,
  tickers: readonly string[],
  more: Partial<RecordOptions> = {},
) {
  const { key_id: keyId, private_key_path: privateKeyPath, ws_url: url } = sandbox.ready;
  const signer = createSigner({ keyId, privateKeyPath });
  const backoffMs = { first: 5, longest: 20 };
  return startRecorder({ url, signer, tickers, channels: CHANNELS, dir, backoffMs, ...more });
}

/** Markets that move, and do not end. */
function moving(sandbox: Sandbox): string[] {
  return sandbox.world.marketsOf("SANDBOX-LIVE").map(({ ticker }) => ticker);
}

/** Records a generated world, with faults perhaps, until there are so many frames. */
async function record(dir: string, frames: number, options: SandboxOptions = {}): Promise<string[]> {
  const sandbox = await startSandbox({ seed: "replayed", keyType: "ed25519", speed: 8, ...options });
  const tickers = moving(sandbox);
  const recorder = await recorderOf(sandbox, dir, tickers, { maxSegmentBytes: 100_000 });
  await until(() => recorder.status().frames > frames, "a recording of some length", 60_000);
  await recorder.stop();
  await sandbox.close();
  return tickers;
}

interface Progress {
  readonly frames: number;
  readonly outages: number;
  readonly ended: boolean;
}

async function progress(sandbox: Sandbox): Promise<Progress> {
  return (await (await fetch(`${sandbox.ready.control_url}/replay`)).json()) as Progress;
}

/** Serves a recording, records that, and gives what came of it. */
async function recordAgain(from: string, to: string, tickers: readonly string[], more: Partial<RecordOptions> = {}) {
  const sandbox = await startSandbox({ replay: from, speed: "max", keyType: "ed25519" });
  const recorder = await recorderOf(sandbox, to, tickers, more);
  await until(async () => (await progress(sandbox)).ended, "the end of the replay", 60_000);
  const { frames } = await progress(sandbox);
  const books = new Map(tickers.map((ticker) => [ticker, sandbox.engine.book(ticker)]));
  // What was sent last is on its way.
  const last = await lastOf(from);
  await until(async () => (await lastOf(to)) === last, "the last frame", 20_000);
  await recorder.stop();
  await sandbox.close();
  return { copy: await openRecording(to), frames, books };
}

/** What a recording has last. */
async function lastOf(dir: string): Promise<string> {
  let last = "";
  for await (const event of await openRecording(dir)) {
    if (event.type === "delta" || event.type === "trade" || event.type === "ticker") {
      last = `${event.type} ${event.ticker} ${event.time}`;
    }
  }
  return last;
}

/** The books of both at many moments, level by level; how many could be trusted in both. */
async function compare(original: Recording, copy: Recording, tickers: readonly string[], from: number, to: number) {
  let trusted = 0;
  for (let n = 0; n <= 12; n += 1) {
    // Frames are told apart by the millisecond.
    const moment = Math.floor((from + ((to - from) * n) / 12) / 1_000) * 1_000 - 1;
    for (const ticker of tickers) {
      const [ours, theirs] = await Promise.all([copy.bookAt(ticker, moment), original.bookAt(ticker, moment)]);
      if (ours.trust !== "ok" || theirs.trust !== "ok") continue;
      trusted += 1;
      expect({ ticker, moment, ...ours.book?.toJSON() }).toEqual({ ticker, moment, ...theirs.book?.toJSON() });
    }
  }
  return trusted;
}

async function lastBooks(recording: Recording) {
  const last = new Map((await recording.final()).map((found) => [found.ticker, wireFoundBook(found)]));
  return [...last.values()].map(({ ticker, trust, yes_dollars, no_dollars }) => ({
    ticker,
    trust,
    yes_dollars,
    no_dollars,
  }));
}

async function span(recording: Recording) {
  const times: number[] = [];
  for await (const event of recording) if (event.time !== null) times.push(event.time);
  return { from: Math.min(...times), to: Math.max(...times) };
}

describe("a recording served as a live exchange", () => {
  const dir = join(root, "plain");
  let tickers: string[];
  let original: Recording;
  beforeAll(async () => {
    tickers = await record(dir, 2_000);
    original = await openRecording(dir);
  }, 90_000);

  it.each([false, true])(
    "gives, recorded again, the same books at all times and in the end, with use_yes_price %s",
    async (useYesPrice) => {
      const { copy, books } = await recordAgain(dir, join(root, `again-${useYesPrice}`), tickers, { useYesPrice });
      const { from, to } = await span(original);
      expect(await compare(original, copy, tickers, from + (to - from) / 12, to)).toBeGreaterThan(55);
      expect(await lastBooks(copy)).toEqual(await lastBooks(original));
      expect((await copy.quality()).gaps).toEqual([]);
      for (const found of await original.final()) {
        const { yes, no } = found.book!.levels();
        const own = { yes: yes.map((one) => [one.price, one.count]), no: no.map((one) => [one.price, one.count]) };
        expect(books.get(found.ticker)).toEqual(own);
      }
    },
    90_000,
  );

  it("loses nothing of it at the fastest pace to a reader that is slow", async () => {
    const sandbox = await startSandbox({ replay: dir, speed: "max", keyType: "ed25519" });
    const client = await memberOf(sandbox.ready, sandbox.privateKey).connect();
    client.send({ id: 1, cmd: "subscribe", params: { channels: CHANNELS, market_tickers: tickers } });
    const slow = setInterval(() => {
      if (client.socket.isPaused) client.socket.resume();
      else client.socket.pause();
    }, 15);
    await until(async () => (await progress(sandbox)).ended, "the end of the replay", 60_000);
    clearInterval(slow);
    client.socket.resume();
    await client.settled();
    for (const sid of [1, 3]) {
      const seqs = client.frames.filter((frame) => frame.sid === sid && frame.seq !== undefined).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    }
    expect(client.frames.filter(({ type }) => type === "error")).toEqual([]);
    // All that a reader of the original had after its snapshots, and as many snapshots as there are markets.
    const kinds = new Map<string, number>();
    for await (const { type } of original) kinds.set(type, (kinds.get(type) ?? 0) + 1);
    const got = (type: string) => client.frames.filter((frame) => frame.type === type).length;
    expect(got("orderbook_snapshot")).toBe(tickers.length);
    const early = (kinds.get("delta") ?? 0) - got("orderbook_delta");
    expect(early).toBeGreaterThanOrEqual(0);
    // Before every book was known, a few had changed already.
    expect(early).toBeLessThan(50);
    client.socket.terminate();
    await sandbox.close();
  }, 90_000);

  it("shows books, markets and trades by REST as of its own time, and takes no orders", async () => {
    const sandbox = await startSandbox({ replay: dir, speed: "max", keyType: "ed25519" });
    const member = memberOf(sandbox.ready, sandbox.privateKey);
    const [ticker] = tickers;
    const trades = async () => (await member.call("GET", "/markets/trades?limit=1000")).body.trades;
    expect(await trades()).toEqual([]);
    const client = await member.connect();
    client.send({ id: 1, cmd: "subscribe", params: { channels: ["trade"] } });
    await until(async () => (await progress(sandbox)).ended, "the end of the replay", 60_000);
    const recorded: string[] = [];
    for await (const event of original) if (event.type === "trade") recorded.push(event.trade_id);
    expect(recorded.length).toBeGreaterThan(0);
    expect((await trades()).map(({ trade_id }: { trade_id: string }) => trade_id).sort()).toEqual(recorded.sort());
    const book = (await original.final()).find((found) => found.ticker === ticker);
    const { yes_dollars, no_dollars } = wireFoundBook(book!);
    const { body } = await member.call("GET", `/markets/${ticker}/orderbook`);
    expect(body.orderbook_fp).toEqual({ yes_dollars, no_dollars });
    const market = (await member.call("GET", `/markets/${ticker}`)).body.market;
    expect(market).toMatchObject({ ticker, status: "active", yes_bid_dollars: yes_dollars.at(-1)?.[0] ?? "0.0000" });
    expect(await member.bid(ticker!)).toMatchObject({ status: 400, body: { error: { code: "trading_is_paused" } } });
    expect((await member.call("GET", "/portfolio/fills")).body.fills).toEqual([]);
    expect((await member.call("GET", "/markets/SANDBOX-LIVE-NONE")).status).toBe(404);
    client.socket.terminate();
    await sandbox.close();
  });

  it.skipIf(whyNoSpecification !== null)(
    `answers as the specification says${whyNoSpecification === null ? "" : ` (skipped: ${whyNoSpecification})`}`,
    async () => {
      const sandbox = await startSandbox({ replay: dir, keyType: "ed25519" });
      const member = memberOf(sandbox.ready, sandbox.privateKey);
      for (const path of ["/markets", "/events", "/series", "/markets/trades"]) {
        const { status, body } = await member.call("GET", path);
        expect(complaints("GET", path, status, body), path).toEqual([]);
      }
      await sandbox.close();
    },
  );

  it("goes at the pace of the recording, so many times as fast as is asked", async () => {
    const receivedAt: number[] = [];
    for await (const frame of original.frames()) receivedAt.push(frame.receivedAt);
    const spanMs = (receivedAt.at(-1)! - receivedAt[0]!) / 1_000;
    const sandbox = await startSandbox({ replay: dir, speed: 4, keyType: "ed25519" });
    const client = await memberOf(sandbox.ready, sandbox.privateKey).connect();
    const begun = performance.now();
    client.send({ id: 1, cmd: "subscribe", params: { channels: CHANNELS, market_tickers: tickers } });
    await until(async () => (await progress(sandbox)).ended, "the end of the replay", 60_000);
    const took = performance.now() - begun;
    // The first snapshots are there before the pace begins.
    expect(took).toBeGreaterThan((spanMs / 4) * 0.8);
    expect(took).toBeLessThan(spanMs / 4 + 5_000);
    client.socket.terminate();
    await sandbox.close();
  }, 90_000);

  it("waits for its first reader", async () => {
    const sandbox = await startSandbox({ replay: dir, speed: "max", keyType: "ed25519" });
    const member = memberOf(sandbox.ready, sandbox.privateKey);
    const before = await progress(sandbox);
    for (let n = 0; n < 20; n += 1) await member.call("GET", "/exchange/status");
    expect(before.ended).toBe(false);
    expect((await progress(sandbox)).ended).toBe(false);
    await sandbox.close();
  });

  it.each([
    [{ data: "x" }, /data/],
    [{ clock: "2026-01-01T00:00:00Z" }, /clock/],
    [{ bulkTrades: 5 }, /bulkTrades/],
  ])("is refused together with %j", async (more, message) => {
    const error = await startSandbox({ replay: dir, ...more }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "BAD_ARGUMENT", message, hint: /leave it out/ });
  });

  it("is refused where there is none, and its fastest pace without one", async () => {
    await expectRejection(startSandbox({ replay: join(root, "nothing") }), "FILE_NOT_FOUND", /recorder wrote into/);
    await expectRejection(startSandbox({ speed: "max" }), "BAD_ARGUMENT", /give a number/);
  });
});

describe("a recording with holes", () => {
  it.each([
    ["a lost connection", { channel: "*", fault: "disconnect", after: 600, count: 1 }],
    ["a lost message", { channel: "orderbook_delta", type: "orderbook_delta", fault: "drop", after: 500, count: 1 }],
  ])(
    "%s ends the connections of who reads its replay, and no book is served that is not known",
    async (name, rule) => {
      const dir = join(root, name);
      const tickers = await record(dir, 1_500, { faults: { rules: [rule] } });
      const original = await openRecording(dir);
      expect((await original.quality()).gaps.length).toBeGreaterThan(0);
      const { copy } = await recordAgain(dir, join(root, `${name} again`), tickers);
      expect((await copy.quality()).connections.length).toBe(2);
      const { from, to } = await span(original);
      expect(await compare(original, copy, tickers, from + (to - from) / 12, to)).toBeGreaterThan(35);
      expect(await lastBooks(copy)).toEqual(await lastBooks(original));
    },
    120_000,
  );
});
