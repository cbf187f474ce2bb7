import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { openRecording } from "../../src/recorder/replay.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { runCli, startCli } from "../support/cli.js";
import { delta, snapshot, subscribed } from "../support/frames.js";

const root = mkdtempSync(join(tmpdir(), "kalshi-lab-replay-"));
const whole = join(root, "whole");
const holed = join(root, "holed");

const connect: Mark = {
  mark: "connect",
  id: "c",
  use_yes_price: false,
  tickers: ["A", "B"],
  channels: ["orderbook_delta"],
};

/** Writes frames a second apart behind the mark of their connection. */
async function write(dir: string, frames: readonly string[]): Promise<void> {
  const writer = await SegmentWriter.open({ dir });
  writer.append(entryKind.mark, 1_000_000, 0, writeMark(connect));
  for (const [at, frame] of frames.entries())
    writer.append(entryKind.text, (at + 2) * 1_000_000, 0, Buffer.from(frame));
  writer.close();
}

beforeAll(async () => {
  const begin = [
    subscribed(1),
    snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], []),
    snapshot({ sid: 1, seq: 2 }, "B", [["0.3000", "1.00"]], []),
    delta({ sid: 1, seq: 3 }, "A", "yes", "0.4000", "1.00", 5_000),
  ];
  await write(whole, begin);
  await write(holed, [...begin, delta({ sid: 1, seq: 6 }, "A", "yes", "0.4000", "1.00", 6_000), "{"]);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("kalshi-lab replay --quality", () => {
  it("prints gaps, connections and markets as tables to read", async () => {
    const { code, stdout } = await runCli(["replay", holed, "--quality"]);
    expect(code).toBe(0);
    const parts = stdout.split(/^(?=gaps:|connections:|markets:)/m);
    expect(parts.map((part) => part.split("\n")[0])).toEqual(["gaps:", "connections:", "markets:"]);
    expect(parts[0]).toMatch(/ +4 +5 +A B /);
    expect(parts[1]).toMatch(/ 1970-01-01T00:00:07\.000000Z +6 /);
    expect(parts[2]).toMatch(/^A .*\nB /m);
  });

  it("says that there is no gap where there is none", async () => {
    const { code, stdout, stderr } = await runCli(["replay", whole, "--quality"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^gaps: none\nconnections:\n/);
  });

  it("gives gaps, connections, markets, hours and differences from REST with --json, and tells what could not be read on stderr", async () => {
    const { code, stdout, stderr } = await runCli(["replay", holed, "--quality", "--json"]);
    expect(code).toBe(0);
    const quality = JSON.parse(stdout) as Record<string, readonly unknown[]>;
    expect(Object.keys(quality)).toEqual(["gaps", "connections", "markets", "hours", "rest_differences"]);
    expect(quality.gaps).toEqual([expect.objectContaining({ from_seq: 4, to_seq: 5, tickers: ["A", "B"] })]);
    expect(stderr).toMatch(/^1 message could not be read/);
  });
});

describe("kalshi-lab replay --speed", () => {
  it("gives every event when its share of the real time has passed, and no earlier", async () => {
    // Twenty seconds of real time, in two: a machine would have to stand still for the rest to be taken for real time.
    const dir = join(root, "paced");
    const at = [0, 1, 1.5, 4, 11, 20];
    const writer = await SegmentWriter.open({ dir });
    writer.append(entryKind.mark, 1_000_000, 0, writeMark(connect));
    const frames = at.map((seconds, seq) =>
      seq === 0
        ? snapshot({ sid: 1, seq: 1 }, "A", [["0.4000", "1.00"]], [])
        : delta({ sid: 1, seq: seq + 1 }, "A", "yes", "0.4000", "1.00", 2_000 + seconds * 1_000),
    );
    for (const [index, frame] of frames.entries()) {
      writer.append(entryKind.text, (2 + at[index]!) * 1_000_000, 0, Buffer.from(frame));
    }
    writer.close();

    let event = 0;
    const started = performance.now();
    for await (const _ of (await openRecording(dir)).replay({ speed: 10 })) {
      expect(performance.now() - started, `event ${event}`).toBeGreaterThanOrEqual(at[event]! * 100);
      event += 1;
    }
    expect(event).toBe(at.length);
    expect(performance.now() - started).toBeLessThan(15_000);

    const begun = performance.now();
    const { child, ended } = startCli(["replay", dir, "--speed", "10"]);
    const came: number[] = [];
    child.stdout!.on("data", (text: string) => {
      for (const _ of text.matchAll(/\n/g)) came.push(performance.now() - begun);
    });
    expect((await ended).code).toBe(0);
    expect(came).toHaveLength(at.length);
    for (const [index, seconds] of at.entries()) expect(came[index], `event ${index}`).toBeGreaterThan(seconds * 100);
    expect(came.at(-1)! - came[0]!).toBeLessThan(15_000);
  }, 60_000);
});
