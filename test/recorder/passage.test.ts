import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BookEvent } from "../../src/book/event.js";
import { Catalog } from "../../src/recorder/catalog.js";
import { Packer } from "../../src/recorder/packer.js";
import { type Passage, passage } from "../../src/recorder/passage.js";
import { openRecording } from "../../src/recorder/replay.js";
import { segmentName } from "../../src/store/segment.js";
import { seeded } from "../support/seeded.js";
import { wildSteps, wildTickers, writeWild } from "../support/wild-recording.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "passage-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const grain = { blockBytes: 700, spacing: 2 };

async function pack(below: number): Promise<void> {
  const packer = new Packer({ dir, compress: true, isStopped: () => false, ...grain });
  for await (const { problem } of packer.pack(below)) expect(problem).toBeNull();
}

async function all(events: AsyncIterable<BookEvent>): Promise<BookEvent[]> {
  const list: BookEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const goesOn = /"type":"(gap|stall)"/;

describe("a replay", () => {
  it("of parts that follow one another gives every event once, in order, on either clock", async () => {
    await fc.assert(
      fc.asyncProperty(
        wildSteps,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("exchange" as const, "received" as const),
        fc.nat(10),
        async (steps, cuts, clock, packed) => {
          rmSync(dir, { recursive: true, force: true });
          const [first, last] = await writeWild(dir, steps, 3_000);
          await pack(Math.ceil((readdirSync(dir).length * packed) / 10));
          const whole = await all(await openRecording(dir));
          const catalog = new Catalog(dir, grain);
          const bounds = [...new Set(cuts.map((share) => Math.round(first + share * (last - first)) * 1000))].sort(
            (a, b) => a - b,
          );
          let given = 0;
          const seen: string[] = [];
          for (let i = 0; i <= bounds.length; i += 1) {
            const part: Passage = { from: bounds[i - 1], to: bounds[i], clock };
            const events = await all(passage(dir, part, catalog));
            const real = events.filter((event) => !(event.type === "snapshot" && event.sid === null));
            given += real.length;
            seen.push(...real.map((event) => JSON.stringify(event)));
          }
          // Gaps and silences at a part's start are told again there; everything else is told once.
          const expected = whole.map((event) => JSON.stringify(event)).filter((text) => !goesOn.test(text));
          expect(seen.filter((text) => !goesOn.test(text)).sort()).toEqual(expected.sort());
          expect(given).toBeGreaterThanOrEqual(whole.length);
        },
      ),
      { numRuns: 40 },
    );
  }, 150_000);

  it("does not begin behind a message that belongs to it, of no book, where the local clock has stepped back since", async () => {
    const delta = {
      op: "delta",
      ticker: "KX-A-T1.5",
      side: "yes",
      price: "0.0100",
      amount: "1.00",
      ms: 0,
      lagMs: -4,
    } as const;
    await writeWild(dir, [{ op: "trade" }, ...Array.from({ length: 40 }, () => delta)], 3_000);
    const [trade, ...deltas] = await all(await openRecording(dir));
    expect(trade!.receivedAt).toBeGreaterThan(Math.max(...deltas.map(({ receivedAt }) => receivedAt)));
    const part: Passage = { from: trade!.receivedAt, clock: "received" };
    expect(await all(passage(dir, part, new Catalog(dir, grain)))).toContainEqual(trade);
  });

  it("has the note of a connection's end that was written after it was last heard, where the part begins between the two", async () => {
    const step = { op: "delta", ticker: "KX-A-T1.5", side: "yes", price: "0.0100", amount: "1.00", lagMs: 3 } as const;
    const deltas = Array.from({ length: 40 }, () => ({ ...step, ms: 1 }));
    await writeWild(dir, [...deltas, { op: "clock", ms: 10_000 }, { op: "cut" }, ...deltas], 3_000);
    const end = (await all(await openRecording(dir))).find(({ type }) => type === "disconnect")!;
    // Heard 900 µs before by the local clock; the exchange's is 5 ms behind that one.
    for (const [clock, behind] of [
      ["received", 0],
      ["exchange", 5_000],
    ] as const) {
      const part: Passage = { from: end.receivedAt - behind - 500, clock };
      expect(await all(passage(dir, part, new Catalog(dir, grain)))).toContainEqual(end);
    }
  });

  it("of some markets gives what concerns them, and nothing else", async () => {
    const steps = fc.sample(wildSteps, { seed: 21, numRuns: 3 }).flat();
    await writeWild(dir, steps, 3_000);
    await pack(readdirSync(dir).length);
    const whole = await all(await openRecording(dir));
    for (const ticker of wildTickers) {
      const expected = whole.filter((event) =>
        "tickers" in event ? event.tickers.includes(ticker) : event.ticker === ticker,
      );
      expect(await all(passage(dir, { tickers: [ticker] }, new Catalog(dir, grain)))).toEqual(expected);
    }
  });

  it("of some markets has their stalls, of the usual length and of another", async () => {
    const random = seeded(4);
    const whole = (ticker: string) =>
      ({ op: "snapshot", ticker, yes: [["0.9900", "1.00"]], no: [], isAnswer: false, isSent: false, ms: 0 }) as const;
    const steps = Array.from({ length: 400 }, () => {
      // The second market speaks seldom, the third only now and then.
      const draw = random();
      const ticker = wildTickers[draw < 0.9 ? 0 : draw < 0.985 ? 1 : 2];
      return { op: "delta", ticker, side: "yes", price: "0.4000", amount: "1.00", ms: 2_500, lagMs: 3 } as const;
    });
    await writeWild(dir, [...wildTickers.map(whole), ...steps] as never, 3_000);
    await pack(readdirSync(dir).length);
    for (const stallMs of [undefined, 30_000]) {
      const whole = await all(passage(dir, { stallMs }, new Catalog(dir, grain)));
      for (const ticker of wildTickers.slice(1)) {
        const isStall = (event: BookEvent): boolean => event.type === "stall" && event.ticker === ticker;
        const expected = whole.filter(isStall);
        expect(expected.length).toBeGreaterThan(2);
        const part = await all(passage(dir, { tickers: [ticker], stallMs }, new Catalog(dir, grain)));
        expect(part.filter(({ type }) => type === "stall")).toEqual(expected);
      }
    }
  });

  it("begins with the books as they stood, from which what follows gives the same books", async () => {
    const steps = fc.sample(wildSteps, { seed: 8, numRuns: 3 }).flat();
    const [first, last] = await writeWild(dir, steps, 3_000);
    await pack(readdirSync(dir).length);
    const catalog = new Catalog(dir, grain);
    for (let i = 1; i < 10; i += 1) {
      const from = Math.round(first + ((last - first) * i) / 10) * 1000;
      const counts = new Map<string, number>();
      let checked = 0;
      for await (const event of passage(dir, { from }, catalog)) {
        if (event.type === "snapshot") {
          for (const key of counts.keys()) if (key.startsWith(`${event.ticker} `)) counts.delete(key);
          for (const side of ["yes", "no"] as const) {
            for (const { price, count } of event[side]) counts.set(`${event.ticker} ${side} ${price}`, count);
          }
          counts.set(`${event.ticker} known`, 1);
        } else if (event.type === "delta" && event.state === "ok" && counts.has(`${event.ticker} known`)) {
          const key = `${event.ticker} ${event.side} ${event.price}`;
          const after = (counts.get(key) ?? 0) + event.delta;
          expect(after).toBe(event.count);
          counts.set(key, after);
          checked += 1;
        } else if (event.type === "delta") counts.delete(`${event.ticker} known`);
      }
      if (i < 6) expect(checked).toBeGreaterThan(0);
    }
  });

  it("reads nothing of what lies before the part", async () => {
    const steps = fc.sample(wildSteps, { seed: 3, numRuns: 4 }).flat();
    const [first, last] = await writeWild(dir, steps, 3_000);
    await pack(readdirSync(dir).length);
    const from = Math.round(first + (last - first) * 0.7) * 1000;
    const expected = await all(passage(dir, { from }, new Catalog(dir, grain)));
    const catalog = new Catalog(dir, grain);
    const closed = await catalog.closed();
    const place = (await catalog.placeBefore(from, "exchange", closed))!;
    expect(place.segment).toBeGreaterThan(2);
    for (const number of closed.filter((one) => one < place.segment))
      writeFileSync(join(dir, segmentName(number)), "x");
    expect(await all(passage(dir, { from }, catalog))).toEqual(expected);
  });

  it("at a speed takes the time between the first and the last frame, divided by it; and ends when it is told to", async () => {
    const steps = fc.sample(wildSteps, { seed: 2, numRuns: 1 }).flat();
    await writeWild(dir, steps, 30_000);
    const recording = await openRecording(dir);
    const whole = await all(recording);
    const span = Math.max(...whole.map(({ receivedAt }) => receivedAt)) - whole[0]!.receivedAt;
    const begun = performance.now();
    const events = await all(recording.replay({ speed: 4 }));
    expect(events).toEqual(whole);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(span / 4_000 - 2);
    const stop = new AbortController();
    const slow = (async () => {
      for await (const _ of recording.replay({ speed: 1e-6, signal: stop.signal })) stop.abort();
    })();
    await expect(slow).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("of no range, or at no speed, is refused", async () => {
    await writeWild(dir, [], 3_000);
    const recording = await openRecording(dir);
    await expect(all(recording.replay({ from: 5, to: 5 }))).rejects.toMatchObject({ code: "BAD_RANGE" });
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(all(recording.replay({ speed }))).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    }
  });
});

describe("frames of a part", () => {
  it("by receive time are those frames, with their connection and flag, whether segments are packed or not", async () => {
    const steps = fc.sample(wildSteps, { seed: 31, numRuns: 3 }).flat();
    const [first, last] = await writeWild(dir, steps, 3_000);
    const count = readdirSync(dir).length;
    const read = async (from?: number, to?: number) => {
      const list: unknown[] = [];
      for await (const frame of (await openRecording(dir)).frames({ from, to })) list.push(frame);
      return list as { receivedAt: number }[];
    };
    const whole = await read();
    const [from, to] = [first * 1000 + (last - first) * 300, first * 1000 + (last - first) * 700];
    const expected = whole.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to);
    expect(expected.length).toBeGreaterThan(20);
    for (const below of [0, count >> 1, count]) {
      await pack(below);
      expect(await read(from, to)).toEqual(expected);
      expect(await read()).toEqual(whole);
    }
  });
});
