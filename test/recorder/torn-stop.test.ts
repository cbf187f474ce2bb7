import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startRecorder } from "../../src/recorder/record.js";
import { openRecording } from "../../src/recorder/replay.js";
import { Batch, entryKind, MAGIC, readBatch, segmentName } from "../../src/store/segment.js";
import { startScripted } from "../support/scripted-socket.js";
import { seeded } from "../support/seeded.js";
import { TinyExchange } from "../support/tiny-exchange.js";
import { until } from "../support/wait.js";

const tickers = ["A", "B", "C"];

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "torn-stop-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Records some frames into the folder and stops. Gives what was sent, and the local time behind it. */
async function recordOnce(seed: number): Promise<{ sent: readonly string[]; endedAt: number }> {
  const exchange = new TinyExchange(tickers, seeded(seed));
  const server = await startScripted(exchange.script);
  try {
    const recorder = await startRecorder({
      ...{ url: server.url, signer: server.signer, tickers, channels: ["orderbook_delta"], dir, compress: false },
    });
    exchange.trade(30);
    await until(() => recorder.status().frames === exchange.sent[0]!.length, "every frame written");
    await recorder.stop();
    return { sent: exchange.sent[0]!, endedAt: Date.now() * 1000 };
  } finally {
    await server.close();
  }
}

/** Where the last batch of a segment begins: the note of its end. */
function startOfLast(segment: Buffer): number {
  let last = MAGIC.length;
  for (let at = last; at < segment.length; ) {
    const batch = readBatch(segment, at);
    if (typeof batch === "string") throw new Error(batch);
    last = at;
    at = batch.next;
  }
  return last;
}

/** A batch that was begun and not ended. */
function begun(kind: number, body: string): Buffer {
  const batch = new Batch();
  batch.add(kind, 1_795_329_090_000_000, 0, Buffer.from(body));
  return batch.seal().subarray(0, -3);
}

/** What may have become of the last segment of a recorder that was stopped. */
const harms: readonly (readonly [what: string, reason: string, harm: (segment: Buffer) => Buffer])[] = [
  ["nothing", "disconnect", (segment) => segment],
  ["a note was being written behind its end", "disconnect", (s) => Buffer.concat([s, begun(0, '{"mark":"hole"}')])],
  ["a frame was being written behind its end", "disconnect", (s) => Buffer.concat([s, begun(entryKind.text, "{}")])],
  ["a power cut left zeros behind its end", "disconnect", (s) => Buffer.concat([s, Buffer.alloc(4_096)])],
  ["one byte stands behind its end", "disconnect", (s) => Buffer.concat([s, Buffer.from([7])])],
  ["garbage stands behind its end", "disconnect", (s) => Buffer.concat([s, Buffer.alloc(500, "garbage ")])],
  ["the note of its end was not begun", "disconnect", (s) => s.subarray(0, startOfLast(s))],
  ...[1, 8, 20, 60].map(
    (bytes) =>
      [`${bytes} bytes of the note of its end were written`, "not_recorded", (s: Buffer) => cut(s, bytes)] as const,
  ),
  ["all but a byte of the note of its end was written", "not_recorded", (s) => s.subarray(0, -1)],
  ["the note of its end is there in length, but is zeros", "not_recorded", zeroed],
];

function cut(segment: Buffer, bytes: number): Buffer {
  return segment.subarray(0, startOfLast(segment) + bytes);
}

function zeroed(segment: Buffer): Buffer {
  return Buffer.from(segment).fill(0, startOfLast(segment));
}

describe("a recording that goes on behind a stop", () => {
  for (const [what, reason, harm] of harms) {
    it(`has one gap from the last message to the next books, and no book in it is called ok: ${what}`, async () => {
      const first = await recordOnce(1);
      const path = join(dir, segmentName(1));
      writeFileSync(path, harm(readFileSync(path)));
      // The index that the stop has made is of another length now, or the segment is open.
      const second = await recordOnce(2);
      const recording = await openRecording(dir);
      const texts: string[] = [];
      for await (const { data } of recording.frames()) texts.push(data.toString("utf8"));
      expect(texts).toEqual([...first.sent, ...second.sent]);
      const told = [];
      for await (const event of recording) if (event.type === "gap") told.push(event);
      expect(told).toMatchObject([
        { reason, to: null, recoveredBy: null },
        { reason, recoveredBy: "resubscribe" },
      ]);
      expect([...told[0]!.tickers].sort()).toEqual(tickers);
      const { gaps } = await recording.quality();
      expect(gaps).toHaveLength(1);
      for (const ticker of tickers) {
        const found = await recording.bookAt(ticker, first.endedAt, { clock: "received" });
        expect(found).toMatchObject({ trust: "unknown", connection: 1 });
        const since = await recording.bookAt(ticker, told[0]!.from);
        expect(since.trust).toBe("ok");
        const within = await recording.bookAt(ticker, Math.floor((told[0]!.from + told[1]!.to!) / 2) + 1);
        expect(within.trust).toBe("unknown");
      }
      const final = await recording.final();
      expect(final.filter(({ connection }) => connection === 2).map(({ trust }) => trust)).toEqual(["ok", "ok", "ok"]);
    });
  }
});
