import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinDigits, splitDigits } from "../../src/store/digit-columns.js";
import { BLOCK_HEAD, BlockPacker, readBlockHead, unpackBlock } from "../../src/store/packed-block.js";
import { type Entry, entryKind } from "../../src/store/segment.js";
import { delta, snapshot } from "../support/frames.js";

const entry = (body: Buffer, time = 1_795_329_089_957_466, nanos = 0, kind: number = entryKind.text): Entry => ({
  kind,
  time,
  nanos,
  body,
});

/** Entries of a pattern make their text when they are asked for it: here all of them are. */
function unpack(block: Buffer): Entry[] | null {
  const unpacked = unpackBlock(readBlockHead(block)!, block.subarray(BLOCK_HEAD));
  const entries = unpacked === null ? null : [...unpacked];
  return entries?.map(({ kind, time, nanos, body }) => ({ kind, time, nanos, body })) ?? null;
}

/** Texts of a feed, of nothing but digits, of bytes that are no text, and empty ones. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.stringMatching(/^[0-9.{}":\n]{0,60}$/).map((text) => Buffer.from(text)),
  fc
    .record({ seq: fc.nat(), price: fc.nat(9_999), ms: fc.nat() })
    .map(({ seq, price, ms }) =>
      Buffer.from(delta({ sid: 1, seq }, `KX-T${price}.5`, "yes", (price / 10_000).toFixed(4), "-0.01", ms)),
    ),
);

describe("a packed block", () => {
  it("gives back every entry byte for byte, whatever it holds", () => {
    const entries = fc.array(
      fc.record({
        kind: fc.constantFrom(0, 1, 2),
        time: fc.oneof(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.double({ noNaN: true })),
        nanos: fc.oneof(fc.constant(0), fc.nat(999)),
        body: bodies,
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(entries, (list) => {
        expect(unpack(new BlockPacker().pack(list))).toEqual(list);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses what it cannot give back, and packs the next all the same", () => {
    const packer = new BlockPacker();
    const text = Buffer.from("some text 1");
    // Half a nanosecond, which no recorder takes: neither way of packing keeps it.
    expect(() => packer.pack([entry(text, 0, 1.5)])).toThrow("did not give back");
    const good = [entry(text, 0, 999)];
    expect(unpack(packer.pack(good))).toEqual(good);
  });

  it("takes digits apart and together again, for texts that start alike, differ, end in digits, or are empty", () => {
    fc.assert(
      fc.property(fc.array(bodies.filter((body) => !body.includes(0))), (list) => {
        const lengths = list.map(({ length }) => length);
        const whole = Buffer.concat(list);
        expect(joinDigits(splitDigits(whole, lengths)!, lengths)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
    expect(splitDigits(Buffer.from("1\0"), [2])).toBeNull();
  });

  it("is smaller than the same texts compressed as they come", async () => {
    const { gzipSync } = await import("node:zlib");
    const texts = Array.from({ length: 3_000 }, (_, i) => {
      const price = (((i * 7_919) % 9_000) / 10_000).toFixed(4);
      return delta({ sid: 1, seq: i + 1 }, "KX-T1", "yes", price, `${(i * 31) % 997}.00`, 1_795_329_089_000 + i * 3);
    });
    texts.push(snapshot({ sid: 1, seq: 3_001 }, "KX-T1", [["0.4000", "1.00"]], []));
    const block = new BlockPacker().pack(
      texts.map((text, i) => entry(Buffer.from(text), 1_795_329_089_000_000 + i * 2_971)),
    );
    expect(block.length).toBeLessThan(gzipSync(texts.join(""), { level: 9 }).length);
  });

  it("is read as it was written before patterns had columns", () => {
    const written =
      "owAAADkBAAADAAAAtKIlxCi1L/1gOQDNBABiSCApcEXq/KHPraqfIgAACgCYjB7aXbSEx1h3Yal+/91Ftgt+60+L0VbLbAoB73tSNO170GR7wED2PVbayLGQ7YZpLMfdBR++UgvDZqzk4aLZN3hEVSxk/WP4eNU/tzRMxioxp4HKSOfhZcbQvtmu2AuBoiinc7pGMgmIUAC6xbbAXgIIACjxc4HB1ZdkuRV9MIEysdLB6tg=";
    const entries = [1, 2, 3].map((i) =>
      entry(
        Buffer.from(`{"type":"orderbook_delta","sid":1,"seq":${i},"msg":{"price_dollars":"0.4${i}00"}}\n`),
        1_795_329_089_000_000 + i * 1_500,
        i === 2 ? 7 : 0,
      ),
    );
    expect(unpack(Buffer.from(written, "base64"))).toEqual(entries);
  });

  it("is refused wherever one of its bits is wrong", () => {
    const block = new BlockPacker().pack([entry(Buffer.from("one 1")), entry(Buffer.from("two 22"))]);
    for (let at = BLOCK_HEAD; at < block.length; at += 1) {
      const damaged = Buffer.from(block);
      damaged[at]! ^= 1;
      expect(unpack(damaged)).toBeNull();
    }
    expect(readBlockHead(block.subarray(0, BLOCK_HEAD - 1))).toBeNull();
    expect(readBlockHead(Buffer.alloc(BLOCK_HEAD))).toBeNull();
  });

  it("is read where its head claims more than it holds, without making room for all of that", () => {
    const entries = [0, 1].map((at) => ({
      kind: entryKind.text,
      time: at,
      nanos: 0,
      body: Buffer.from(`{"n":${at}}`),
    }));
    const block = new BlockPacker().pack(entries);
    block.writeUInt32LE(2 ** 32 - 1, 4);
    const before = process.memoryUsage().arrayBuffers;
    expect(unpack(block)).toEqual(entries);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    block.writeUInt32LE(4, 4);
    expect(unpack(block)).toBeNull();
  });
});
