import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CacheWriter } from "../../src/history/cache.js";
import { Shelf } from "../../src/history/cache-shelf.js";
import { RecordsWriter, TradesWriter, WholeWriter } from "../../src/history/cache-writers.js";
import { ALWAYS } from "../../src/history/spans.js";
import { DAY, formatTime, HOUR, parseTime } from "../../src/units/time.js";

const START = parseTime("2026-01-01T00:00:00Z");
const CUTOFF = START + 40 * DAY;
const until = { cutoff: CUTOFF, closed: false };

const trade = (id: number): unknown => ({ trade_id: `t${id}`, created_time: formatTime(START + id * HOUR) });
const market = (id: number): unknown => ({ ticker: `M-${id}`, settlement_ts: formatTime(START) });

/** One page for each writer, the number `page` of its chain. */
const writers = {
  trades: (shelf: Shelf) => ({
    writer: new TradesWriter(shelf, { kind: "trades", key: "T", interval: null }, until, 1) as CacheWriter,
    add(writer: CacheWriter, page: number): void {
      const hour = 100 - page;
      writer.add([trade(hour)], START + hour * HOUR, page === 0 ? ALWAYS.to : START + (hour + 1) * HOUR);
    },
  }),
  "a list": (shelf: Shelf) => ({
    writer: new WholeWriter(shelf, { kind: "markets", key: "series_ticker=S", interval: null }, until, ALWAYS),
    add: (writer: CacheWriter, page: number) => writer.add([market(page)], ALWAYS.from, ALWAYS.to),
  }),
  records: (shelf: Shelf) => ({
    writer: new RecordsWriter(shelf, CUTOFF),
    add: (writer: CacheWriter, page: number) => writer.add([market(page)], ALWAYS.from, ALWAYS.to),
  }),
};

describe.each(Object.entries(writers))("a chain of %s that is given up", (_name, make) => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "kalshi-lab-writers-"));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const files = (): string[] =>
    readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".kept"));

  it("takes back what it has put, and keeps nothing that is added afterwards", async () => {
    const { writer, add } = make(new Shelf(dir, "x"));
    add(writer, 0);
    await writer.commit();
    add(writer, 1);
    await writer.finish();
    expect(files()).not.toEqual([]);
    await writer.giveUp();
    expect(files()).toEqual([]);
    add(writer, 2);
    await writer.commit();
    await writer.finish();
    await writer.giveUp();
    expect(files()).toEqual([]);
  });

  it("takes back what is being written, and whoever waits for that has waited until it is gone", async () => {
    const { writer, add } = make(new Shelf(dir, "x"));
    add(writer, 0);
    const finished = writer.finish();
    void writer.giveUp();
    await finished;
    expect(files()).toEqual([]);
  });

  it("leaves what another chain has put", async () => {
    const shelf = new Shelf(dir, "x");
    const [one, other] = [make(shelf), make(shelf)];
    one.add(one.writer, 0);
    await one.writer.finish();
    const kept = files();
    other.add(other.writer, 0);
    await other.writer.finish();
    await other.writer.giveUp();
    expect(files()).toEqual(kept);
  });
});

describe("Shelf.put", () => {
  it("comes to nothing when rows cannot be made a file for a reason that is not the folder's", async () => {
    const dir = mkdtempSync(join(tmpdir(), "kalshi-lab-shelf-"));
    const shelf = new Shelf(dir, "x");
    const subject = { kind: "trades", key: "T", interval: null } as const;
    // Longer than a text can be, without taking its memory.
    const line = "x".repeat(1 << 28);
    expect(await shelf.put(subject, { ...until, span: ALWAYS }, [line, line, line])).toBeNull();
    expect(await shelf.put(subject, { ...until, span: ALWAYS }, ["{}"])).not.toBeNull();
    rmSync(dir, { recursive: true });
  });
});
