import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importFrames } from "../../src/recorder/import-frames.js";
import { openRecording, type Recording } from "../../src/recorder/replay.js";
import { strandFolder } from "../../src/recorder/strands.js";
import { delta, snapshot, subscribed } from "../support/frames.js";

const START = Date.parse("2026-09-10T12:00:00Z");

describe("a recording of which one connection has fallen silent while another goes on", () => {
  const root = mkdtempSync(join(tmpdir(), "kalshi-lab-quiet-"));
  const dir = join(root, "recording");
  let recording: Recording;

  beforeAll(async () => {
    await strand(dir, "BUSY", 60);
    await strand(strandFolder(dir, 1), "QUIET", 2);
    recording = await openRecording(dir);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("begins a passage in the middle with the books of both, each as it stood", async () => {
    const opening = new Map<string, number>();
    for await (const event of recording.replay({ from: "2026-09-10T12:00:30Z" })) {
      if (event.type !== "snapshot") continue;
      expect(opening.has(event.ticker)).toBe(false);
      opening.set(event.ticker, event.yes.find(({ price }) => price === 400_000)!.count);
    }
    // Ten contracts, and one more every second until then.
    expect(Object.fromEntries(opening)).toEqual({ BUSY: 3_900, QUIET: 1_200 });
  });

  it("begins with nothing twice where a passage starts before either has fallen silent", async () => {
    const tickers: string[] = [];
    for await (const event of recording.replay({ from: "2026-09-10T12:00:01.5Z" }))
      if (event.type === "snapshot") tickers.push(event.ticker);
    expect(tickers.sort()).toEqual(["BUSY", "QUIET"]);
  });

  /** A connection with a book to which a contract is added every second. */
  async function strand(folder: string, ticker: string, seconds: number): Promise<void> {
    const file = join(root, `${ticker}.jsonl`);
    const at = (second: number) => `${START + second * 1_000}000000`;
    const line = (second: number, frame: string) => `{"t":${at(second)},"f":${JSON.stringify(frame)}}`;
    const lines = [
      `{"t":${at(0)},"ctl":"connect","use_yes_price":false}`,
      line(0, subscribed(1)),
      line(0, snapshot({ sid: 1, seq: 1 }, ticker, [["0.4000", "10.00"]], [["0.5000", "10.00"]])),
    ];
    for (let second = 1; second <= seconds; second += 1) {
      const time = START + second * 1_000;
      lines.push(line(second, delta({ sid: 1, seq: second + 1 }, ticker, "yes", "0.4000", "1.00", time)));
    }
    writeFileSync(file, `${lines.join("\n")}\n`);
    await importFrames({ path: file, dir: folder });
  }
});
