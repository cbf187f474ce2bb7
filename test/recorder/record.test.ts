import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { Catalog } from "../../src/recorder/catalog.js";
import {
  type Recorder,
  type RecorderStatus,
  type RecordOptions,
  record,
  startRecorder,
} from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { PACKED_MAGIC } from "../../src/store/packed-segment.js";
import { Batch, entryKind, MAGIC, readBatch, segmentName, segmentNumber } from "../../src/store/segment.js";
import { type Script, type ScriptedServer, startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

const disk = vi.hoisted(() => ({ isFull: false }));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const writeSync = (fd: number, bytes: Buffer, offset: number, length: number, position: number): number => {
    if (disk.isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    return real.writeSync(fd, bytes, offset, length, position);
  };
  return { ...real, writeSync };
});

let dir: string;
let server: ScriptedServer;
let recorder: Recorder | null;

const tickers = ["A", "B", "C"];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "recorder-"));
  recorder = null;
});

afterEach(async () => {
  disk.isFull = false;
  await recorder?.stop();
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

async function start(script: Script, options: Partial<RecordOptions> = {}): Promise<Recorder> {
  server = await startScripted(script);
  recorder = await startRecorder({
    url: server.url,
    signer: server.signer,
    tickers,
    channels: ["orderbook_delta"],
    dir,
    backoffMs: { first: 1, longest: 5 },
    repairMs: 50,
    ...options,
  });
  return recorder;
}

/** Texts of the recording, by connection. */
async function recorded(from = dir): Promise<string[][]> {
  const texts: string[][] = [];
  for await (const { data, connection } of (await openRecording(from)).frames()) {
    texts[connection - 1] ??= [];
    texts[connection - 1]!.push(data.toString("utf8"));
  }
  return texts;
}

/** A segment as kill -9 leaves it: without the note of its end, which is its last batch. */
function killed(segment: Buffer): Buffer {
  let last = MAGIC.length;
  for (let at = last; at < segment.length; ) {
    const batch = readBatch(segment.subarray(at));
    if (typeof batch === "string") throw new Error(batch);
    last = at;
    at += batch.next;
  }
  return segment.subarray(0, last);
}

async function eventsOf(type: BookEvent["type"]): Promise<BookEvent[]> {
  const events: BookEvent[] = [];
  for await (const event of await openRecording(dir)) if (event.type === type) events.push(event);
  return events;
}

async function expectFinalBooks(exchange: TinyExchange, connection: number): Promise<void> {
  const final = (await (await openRecording(dir)).final()).filter((found) => found.connection === connection);
  expect(final.map(({ ticker, trust, book }) => [ticker, trust, book?.levels()])).toEqual(
    tickers.map((ticker) => [ticker, "ok", exchange.books.get(ticker)!.levels()]),
  );
}

describe("startRecorder", () => {
  it("writes every frame byte for byte, answers and nonsense included, with marks of each connection", async () => {
    const exchange = new TinyExchange(tickers, seeded(1));
    const running = await start(exchange.script, { useYesPrice: false });
    exchange.trade(300, () => "send");
    exchange.send("this is no json");
    exchange.send('{"type":"rfq_created","sid":7,"seq":1,"msg":{"title":"°"}}\n');
    exchange.trade(5);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    exchange.connection!.cut();
    await until(() => exchange.sent.length === 2 && exchange.subscribed, "a second connection");
    exchange.trade(100);
    await until(() => running.status().frames === exchange.sent.flat().length, "every frame written");
    const summary = await running.stop();
    expect(await recorded()).toEqual(exchange.sent);
    expect(summary).toMatchObject({ frames: exchange.sent.flat().length, gaps: 1, segments: 1, lostFrames: 0 });
    await expectFinalBooks(exchange, 2);
    const quality = await (await openRecording(dir)).quality();
    expect(quality.connections).toMatchObject([
      { connection: 1, frames: exchange.sent[0]!.length, end: "cut" },
      { connection: 2, frames: exchange.sent[1]!.length, end: "closed" },
    ]);
    expect(quality.gaps).toMatchObject([{ connection: 1, from_seq: null, to_seq: null, recovered_by: "resubscribe" }]);
    expect(quality.unparsed).toBe(1);
  });

  it("can be read while it grows", async () => {
    const exchange = new TinyExchange(tickers, seeded(2));
    const running = await start(exchange.script, { maxSegmentBytes: 20_000 });
    let during = 0;
    let isGrowing = true;
    let readings = 0;
    const reading = async (): Promise<void> => {
      while (isGrowing) {
        readings += 1;
        const { frames } = running.status();
        const [texts = []] = await recorded();
        // Without a hole, whatever was written meanwhile, and no less than what was written before.
        expect(texts).toEqual(exchange.sent[0]!.slice(0, texts.length));
        expect(texts.length).toBeGreaterThanOrEqual(frames);
        if (running.status().frames > frames) during += 1;
      }
    };
    const writing = async (): Promise<void> => {
      await until(() => {
        // So many more with each reading: where one takes long, the next has not much more to read.
        if (exchange.sent[0]!.length < readings * 200) exchange.trade(20);
        return during >= 20;
      }, "readings during which frames were written");
      isGrowing = false;
    };
    await Promise.all([reading(), writing()]);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    expect(await recorded()).toEqual(exchange.sent);
    await expectFinalBooks(exchange, 1);
    expect(running.status().segments).toBeGreaterThan(3);
  });

  it("asks for snapshots where messages are missing, and records the gap and its end", async () => {
    const random = seeded(3);
    const exchange = new TinyExchange(tickers, random);
    const running = await start(exchange.script);
    exchange.trade(100);
    exchange.trade(3, () => "drop");
    exchange.trade(1);
    await until(() => running.status().gaps === 1, "a gap");
    await until(async () => (await eventsOf("gap")).length === 2, "its end");
    exchange.trade(20);
    await running.stop();
    await expectFinalBooks(exchange, 1);
    expect((await (await openRecording(dir)).quality()).gaps).toMatchObject([
      { reason: "sequence", sid: 1, tickers, recovered_by: "get_snapshot" },
    ]);
  });

  it("refuses a second recorder on the folder, and lets the next in once the first has stopped", async () => {
    const exchange = new TinyExchange(tickers, seeded(4));
    const running = await start(exchange.script);
    const again = { url: server.url, signer: server.signer, tickers, dir };
    await expect(startRecorder(again)).rejects.toMatchObject({ code: "FOLDER_LOCKED" });
    await running.stop();
    const stop = new AbortController();
    const second = record({ ...again, channels: ["orderbook_delta"], signal: stop.signal });
    await until(() => exchange.sent.length === 2 && exchange.subscribed, "the second recorder");
    exchange.trade(10);
    await until(async () => (await recorded())[1]?.length === exchange.sent[1]!.length, "its frames");
    stop.abort();
    expect(await second).toMatchObject({ segments: 1, frames: exchange.sent[1]!.length });
    expect(await recorded()).toEqual(exchange.sent);
    const gaps = await eventsOf("gap");
    expect(gaps).toMatchObject([{ reason: "disconnect", to: null }, { recoveredBy: "resubscribe" }]);
  });

  it("leaves no lock behind when it cannot connect", async () => {
    server = await startScripted({ refuse: () => ({ status: 401, body: "{}" }) });
    const options = { url: server.url, signer: server.signer, tickers, dir };
    await expect(startRecorder(options)).rejects.toMatchObject({ code: "KEY_REFUSED" });
    await expect(startRecorder(options)).rejects.toMatchObject({ code: "KEY_REFUSED" });
  });

  it("loses nothing that a status called written when it is killed, again and again in one folder", async () => {
    const exchange = new TinyExchange(tickers, seeded(5));
    server = await startScripted(exchange.script);
    const keyPath = join(dir, "key.pem");
    writeFileSync(keyPath, generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }));
    const own = join(dir, "recording");
    const random = seeded(6);
    const written: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "test/support/recorder-child.ts", server.url, keyPath, own, tickers.join(",")],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const exited = once(child, "exit");
      let told = 0;
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        const lines = text.split("\n");
        text = lines.pop()!;
        told = Math.max(told, ...lines.map(Number));
      });
      await until(() => exchange.sent.length === round + 1 && exchange.subscribed, "the child's subscription");
      const enough = 500 + Math.floor(random() * 3_000);
      await until(async () => {
        exchange.trade(100);
        return told >= enough;
      }, "frames written by the child");
      child.kill("SIGKILL");
      await exited;
      written.push(told);
    }
    const kept = await recorded(own);
    expect(kept).toHaveLength(4);
    for (const [index, texts] of kept.entries()) {
      expect(texts.length).toBeGreaterThanOrEqual(written[index]!);
      expect(texts).toEqual(exchange.sent[index]!.slice(0, texts.length));
    }
    const quality = await (await openRecording(own)).quality();
    expect(quality.connections.map(({ end }) => end)).toEqual(["interrupted", "interrupted", "interrupted", null]);
    expect(quality.gaps).toHaveLength(3);

    // The next one packs what the killed ones have left.
    const next = await startRecorder({
      url: server.url,
      signer: server.signer,
      tickers,
      channels: ["orderbook_delta"],
      dir: own,
    });
    await until(() => exchange.sent.length === 5 && exchange.subscribed, "the next recorder");
    await next.stop();
    expect(new Set(formats(own))).toEqual(new Set(["packed"]));
    expect(readdirSync(own).filter((name) => name.endsWith(".tmp") || name.endsWith(".lock"))).toEqual([]);
    expect((await recorded(own)).slice(0, 4)).toEqual(kept);
  });

  it("packs closed segments while frames come, and the last one when it is stopped", async () => {
    const exchange = new TinyExchange(tickers, seeded(10));
    const running = await start(exchange.script, { maxSegmentBytes: 20_000 });
    await until(() => {
      exchange.trade(50);
      return running.status().packing.segments >= 3;
    }, "segments packed");
    const { packing, problem } = running.status();
    expect(problem).toBeNull();
    expect(packing.problem).toBeNull();
    expect(packing.after).toBeLessThan(packing.before / 5);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    await running.stop();
    recorder = null;
    expect(new Set(formats(dir))).toEqual(new Set(["packed"]));
    expect(await recorded()).toEqual(exchange.sent);
    await expectFinalBooks(exchange, 1);
    const catalog = new Catalog(dir);
    for (const number of await catalog.closed()) expect(await catalog.isGood(number)).toBe(true);
  });

  it("leaves segments as they are when it is told not to compress, with their indexes", async () => {
    const exchange = new TinyExchange(tickers, seeded(11));
    const running = await start(exchange.script, { maxSegmentBytes: 20_000, compress: false });
    exchange.trade(500);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    await running.stop();
    recorder = null;
    const kinds = formats(dir);
    expect(new Set(kinds)).toEqual(new Set(["raw"]));
    expect(readdirSync(dir).filter((name) => name.endsWith(".idx"))).toHaveLength(kinds.length);
    expect(await recorded()).toEqual(exchange.sent);
  });

  it("begins a segment by age too, also when no frame comes", async () => {
    const exchange = new TinyExchange(tickers, seeded(12));
    const running = await start(exchange.script, { maxSegmentMs: 60 });
    exchange.trade(20);
    await until(() => running.status().segments === 2, "a second segment");
    exchange.trade(20);
    await until(() => running.status().segments === 3, "a third segment");
    await running.stop();
    recorder = null;
    expect(await recorded()).toEqual(exchange.sent);
  });

  /** Records into one segment, whose end becomes another, and records on behind it. */
  async function goOnBehind(seed: number, harm: (segment: Buffer) => Buffer, look: (second: Recorder) => void) {
    const exchanges = [seed, seed + 1].map((one) => new TinyExchange(tickers, seeded(one)));
    for (const [at, exchange] of exchanges.entries()) {
      const running = await start(exchange.script, { compress: false });
      if (at === 1) look(running);
      exchange.trade(at === 0 ? 50 : 10);
      await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
      await running.stop();
      recorder = null;
      if (at > 0) continue;
      await server.close();
      // Ended by kill -9: without the note of its end.
      const path = join(dir, segmentName(1));
      writeFileSync(path, harm(killed(readFileSync(path))));
    }
    return exchanges.map(({ sent }) => sent[0]);
  }

  it("records what a crash has torn off as a hole, counted", async () => {
    const torn = new Batch();
    for (let i = 0; i < 3; i += 1) torn.add(entryKind.text, 1_795_329_090_000_000, 0, Buffer.from("lost".repeat(20)));
    const sent = await goOnBehind(
      13,
      (whole) => Buffer.concat([whole, torn.seal().subarray(0, -30)]),
      (second) => expect(second.status().repaired).toMatchObject({ segment: 1, frames: 3 }),
    );
    expect(await recorded()).toEqual(sent);
    const { gaps } = await (await openRecording(dir)).quality();
    expect(gaps).toMatchObject([
      { reason: "not_recorded", connection: 1, tickers: [...tickers].sort(), recovered_by: "resubscribe" },
    ]);
  });

  it("tells of a last segment that ends in what no crash leaves, leaves it as it is, and has one gap for it", async () => {
    const garbage = Buffer.alloc(500, "garbage ");
    let damaged = garbage;
    await goOnBehind(
      15,
      (whole) => {
        damaged = Buffer.concat([whole, garbage]);
        return damaged;
      },
      (second) => {
        expect(second.status()).toMatchObject({ repaired: null, damaged: { segment: 1, bytes: 500 } });
      },
    );
    expect(readFileSync(join(dir, segmentName(1))).equals(damaged)).toBe(true);
    const recording = await openRecording(dir);
    const { gaps } = await recording.quality();
    expect(gaps).toMatchObject([{ reason: "not_recorded", connection: 1, recovered_by: "resubscribe" }]);
    const told = (await eventsOf("gap")).filter((event) => event.type === "gap");
    expect(told.map(({ to }) => to === null)).toEqual([true, false]);
    const found = await recording.bookAt(tickers[0]!, told[0]!.receivedAt, { clock: "received" });
    expect(found).toMatchObject({ connection: 1, trust: "unknown", reason: "not_recorded" });
  });
});

/** What each segment is. */
function formats(own: string): string[] {
  return readdirSync(own)
    .filter((name) => segmentNumber(name) !== null)
    .map((name) => (readFileSync(join(own, name)).subarray(0, 8).equals(PACKED_MAGIC) ? "packed" : "raw"));
}

describe("a recorder on a full disk", () => {
  /** Runs a recording into which `fill` takes the space away, and `free` gives it back. */
  async function walk(own: string, fill: () => void, free: () => void): Promise<RecorderStatus[]> {
    const exchange = new TinyExchange(tickers, seeded(7));
    const told: RecorderStatus[] = [];
    const running = await start(exchange.script, {
      dir: own,
      maxPendingBytes: 30_000,
      maxSegmentBytes: 20_000,
      onStatus: (status) => told.push(status),
    });
    exchange.trade(100);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    fill();
    await until(() => {
      exchange.trade(100);
      return running.status().problem !== null && exchange.sent[0]!.length > running.status().frames + 500;
    }, "a full disk");
    expect(running.status().problem).toMatchObject({ code: "DISK_FULL" });
    free();
    await until(() => running.status().problem === null, "the recording to go on");
    const { lostFrames } = running.status();
    exchange.trade(100);
    await until(() => running.status().frames + lostFrames === exchange.sent[0]!.length, "every frame written");
    const summary = await running.stop();
    recorder = null;

    const [texts] = await recorded(own);
    const sent = exchange.sent[0]!;
    expect(summary.lostFrames).toBe(sent.length - texts!.length);
    expect(summary.lostFrames).toBeGreaterThan(0);
    // One hole, in one place, and nothing else amiss.
    const before = texts!.findIndex((text, index) => text !== sent[index]);
    expect(texts).toEqual([...sent.slice(0, before), ...sent.slice(before + summary.lostFrames)]);

    const recording = await openRecording(own);
    const { gaps } = await recording.quality();
    const hole = gaps.find(({ reason }) => reason === "not_recorded");
    expect(hole).toMatchObject({ tickers, recovered_by: "get_snapshot" });
    const final = await recording.final();
    expect(final.map(({ ticker, trust, book }) => [ticker, trust, book?.levels()])).toEqual(
      tickers.map((ticker) => [ticker, "ok", exchange.books.get(ticker)!.levels()]),
    );
    return told;
  }

  it("tells it at once, keeps what fits in memory, and records the hole (every write fails)", async () => {
    const told = await walk(
      dir,
      () => {
        disk.isFull = true;
      },
      () => {
        disk.isFull = false;
      },
    );
    expect(told.some(({ problem }) => problem?.code === "DISK_FULL")).toBe(true);
  });

  it("counts every frame as kept or lost when it is stopped and the disk is still full", async () => {
    const exchange = new TinyExchange(tickers, seeded(8));
    const running = await start(exchange.script, { maxPendingBytes: 30_000 });
    exchange.trade(100);
    await until(() => running.status().frames === exchange.sent[0]!.length, "every frame written");
    disk.isFull = true;
    await until(() => {
      exchange.trade(100);
      return running.status().problem !== null;
    }, "a full disk");
    const summary = await running.stop();
    expect(running.status()).toMatchObject({ problem: { code: "DISK_FULL" }, lostFrames: summary.lostFrames });
    expect(summary.frames + summary.lostFrames).toBe(exchange.sent[0]!.length);
    expect(await recorded()).toEqual([exchange.sent[0]!.slice(0, summary.frames)]);
  });

  it("records the hole also when there is room again only as it is stopped", async () => {
    const exchange = new TinyExchange(tickers, seeded(9));
    const running = await start(exchange.script, { maxPendingBytes: 30_000 });
    disk.isFull = true;
    const least = 1_000;
    await until(() => {
      exchange.trade(100);
      return running.status().problem !== null && exchange.sent[0]!.length > least;
    }, "a full disk");
    const stopping = running.stop();
    disk.isFull = false;
    const summary = await stopping;
    expect(summary.lostFrames).toBeGreaterThan(0);
    expect(summary.frames + summary.lostFrames).toBe(exchange.sent[0]!.length);
    expect(await eventsOf("gap")).toMatchObject([{ reason: "not_recorded", tickers, to: null }]);
  });

  it.skipIf(!canMount())(
    "tells it at once, keeps what fits in memory, and records the hole (a small file system)",
    async () => {
      const small = join(dir, "small");
      execFileSync("mkdir", [small]);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]);
      try {
        const filler = join(small, "filler");
        const told = await walk(
          join(small, "recording"),
          () => {
            for (let size = 256 * 1024; size >= 4096; size /= 2) {
              try {
                writeFileSync(`${filler}-${size}`, Buffer.alloc(size));
              } catch {
                rmSync(`${filler}-${size}`, { force: true });
              }
            }
          },
          () => {
            for (let size = 256 * 1024; size >= 4096; size /= 2) rmSync(`${filler}-${size}`, { force: true });
          },
        );
        expect(told.some(({ problem }) => problem?.code === "DISK_FULL")).toBe(true);
      } finally {
        execFileSync("umount", [small]);
      }
    },
  );
});

/** Whether a file system can be mounted here, which takes root. */
function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
