import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeltaReader } from "../../src/book/delta-reader.js";
import { parseDelta, parseEnvelope } from "../../src/exchange/channel.js";

const UUID = "0f0f0f0f-1111-4222-8333-000000000007";
const usual =
  `{"type":"orderbook_delta","sid":1,"seq":12345,"msg":{"market_ticker":"KXTEST-26NOV22-T5.5","market_id":"${UUID}",` +
  `"price_dollars":"0.4500","delta_fp":"-12.50","side":"yes","ts":"2026-11-22T07:35:01.5Z","ts_ms":1795329089000}}\n`;

/** What a frame says when it is read the long way, or null when that does not take it for a delta. */
function strictly(bytes: Uint8Array) {
  try {
    const { type, id, sid, seq, msg } = parseEnvelope(Buffer.from(bytes).toString("utf8"));
    return type === "orderbook_delta" && id === null ? { sid, seq, ...parseDelta(msg) } : null;
  } catch {
    return null;
  }
}

/** What the reader says of a frame that stands among other bytes, or null when it leaves it to the long way. */
function quickly(reader: DeltaReader, bytes: Uint8Array) {
  const among = Buffer.concat([Buffer.from('"0'), bytes, Buffer.from('0"}}\n')]);
  if (!reader.read(among, 2, 2 + bytes.length)) return null;
  const { sid, seq, ticker, side, price, delta, time, clientOrderId } = reader;
  return { sid, seq, ticker, side, price, delta, time, clientOrderId };
}

function taught(...frames: string[]): DeltaReader {
  const reader = new DeltaReader();
  for (const frame of frames) reader.learn(Buffer.from(frame));
  return reader;
}

function reads(reader: DeltaReader, text: string): boolean {
  const bytes = Buffer.from(text);
  const quick = quickly(reader, bytes);
  if (quick !== null) expect(quick).toEqual(strictly(bytes));
  return quick !== null;
}

describe("DeltaReader", () => {
  it("reads a frame of a shape that it was taught as the long way does, to the last bit", () => {
    const reader = taught(usual);
    const frames = [
      usual,
      usual.replace("0.4500", "0.45").replace("-12.50", "7").replace("yes", "no"),
      usual.replace("0.4500", "1").replace("-12.50", "-0.00"),
      usual.replace("0.4500", "0.000001").replace("-12.50", "1234567.5"),
      usual.replace("0.4500", "0001.25").replace("-12.50", "1234567890.25"),
      usual.replace("KXTEST-26NOV22-T5.5", "KXBTC15M-26MAY110145-45"),
      usual.replace("KXTEST-26NOV22-T5.5", "KXTEST-1"),
      usual.replace("KXTEST-26NOV22-T5.5", "K".repeat(64)),
      usual.replace(UUID, ""),
      usual.replace(UUID, "another id {}[]:,"),
      usual.replace("12345", "123456789012").replace('"sid":1', '"sid":40'),
      usual.replace("12345", "0"),
      usual.replace("1795329089000", "1795329189001"),
      usual.replace("1795329089000", "5"),
      usual.replace("1795329089000", "179532908900012"),
      usual.replace("2026-11-22T07:35:01.5Z", "whatever stands here, the milliseconds hold"),
    ];
    for (const frame of [...frames, ...frames]) expect(reads(reader, frame), frame).toBe(true);
  });

  it("learns a second shape out of the same buffer, and still knows the first", () => {
    const reader = new DeltaReader();
    const first = usual.replace("}}", ',"aa":1}}');
    // As long, and with the same kinds of values: only the text between them is another.
    const second = first.replace('"aa"', '"bb"');
    const room = Buffer.alloc(first.length);
    for (const frame of [first, second]) {
      room.write(frame);
      reader.learn(room);
    }
    room.fill("x");
    for (const frame of [first, second]) expect(reads(reader, frame)).toBe(true);
  });

  it("leaves every surprise to the long way", () => {
    const reader = taught(usual);
    const hostile = [
      "",
      "{",
      "null",
      usual.trimEnd(),
      `${usual}\n`,
      ` ${usual}`,
      usual.repeat(2),
      usual.slice(0, -4),
      usual.replace(":", ": "),
      usual.replace(',"seq":12345', ""),
      usual.replace('"sid":1,"seq":12345', '"seq":12345,"sid":1'),
      usual.replace("orderbook_delta", "orderbook_delta2"),
      usual.replace("orderbook_delta", "orderbook_snapshot"),
      usual.replace("12345", "012345"),
      usual.replace("12345", "-12345"),
      usual.replace("12345", "12345.5"),
      usual.replace("12345", "1e5"),
      usual.replace("12345", "null"),
      usual.replace("12345", ""),
      usual.replace("12345", "1234567890123456"),
      usual.replace("KXTEST-26NOV22-T5.5", "A"),
      usual.replace("KXTEST-26NOV22-T5.5", ""),
      usual.replace("KXTEST-26NOV22-T5.5", "K".repeat(65)),
      usual.replace("KXTEST", "KX\\u0054EST"),
      usual.replace("KXTEST", 'KX\\"TEST'),
      usual.replace("KXTEST", "KXTÉST"),
      usual.replace("KXTEST", "KX\tTEST"),
      usual.replace("KXTEST", "KX\u0000TEST"),
      usual.replace('"KXTEST-26NOV22-T5.5"', "null"),
      usual.replace(UUID, `${UUID}\\n`),
      usual.replace(UUID, `${UUID}é`),
      usual.replace('"0.4500"', "0.4500"),
      usual.replace("0.4500", "0.4500001"),
      usual.replace("0.4500", "0.45000000"),
      usual.replace("0.4500", ".4500"),
      usual.replace("0.4500", "4500."),
      usual.replace("0.4500", "0.45.0"),
      usual.replace("0.4500", "0,4500"),
      usual.replace("0.4500", "+0.450"),
      usual.replace("0.4500", " 0.450"),
      usual.replace("0.4500", "0.4 50"),
      usual.replace("0.4500", "--.450"),
      usual.replace("0.4500", ""),
      usual.replace("0.4500", "-"),
      usual.replace("0.4500", "12345678901234.5678"),
      usual.replace("-12.50", "-12.505"),
      usual.replace("-12.50", "- 2.50"),
      usual.replace("-12.50", "--2.50"),
      usual.replace("-12.50", "1e3"),
      usual.replace("-12.50", "123456789012345.00"),
      usual.replace("yes", "yeS"),
      usual.replace("yes", "maybe"),
      usual.replace("yes", "n"),
      usual.replace('"yes"', "true"),
      usual.replace("1795329089000", '"1795329089000"'),
      usual.replace("1795329089000", "1795329089000.5"),
      usual.replace("1795329089000", "01795329089000"),
      usual.replace("1795329089000", "null"),
      usual.replace("}}", ',"client_order_id":"mine"}}'),
      usual.replace("}}", ',"ts_ms":1}}'),
      usual.replace("}}", "},}"),
      usual.replace("}}", "}"),
      usual.replace("}}", "]}"),
    ];
    for (const frame of hostile) expect(reads(reader, frame), frame).toBe(false);
    expect(reads(reader, usual)).toBe(true);
  });

  it("learns other orders of keys, further keys, the time as text and own orders, each as it comes", () => {
    const shapes = [
      usual.trimEnd(),
      usual.replace('"seq":12345,', '"seq":12345,"sending_ts_ms":1795329089005,'),
      usual.replace("}}", ',"client_order_id":"mine-1","subaccount":3}}'),
      usual.replace(',"ts_ms":1795329089000', ""),
      usual.replace(/,"ts":.*}}/, "}}"),
      usual.replace(/("market_id":"[^"]*"),("price_dollars":"[^"]*")/, '$2,"new_key":"what is this",$1'),
      usual.replace(/"type":"orderbook_delta",(.*),("msg".*})}/, '$2,$1,"type":"orderbook_delta"}'),
    ];
    for (const shape of shapes) {
      const reader = taught(shape);
      expect(reads(reader, shape), shape).toBe(true);
      expect(reads(reader, shape.replace("0.4500", "0.4600")), shape).toBe(true);
      expect(reads(reader, usual), shape).toBe(false);
      reader.learn(Buffer.from(usual));
      expect(reads(reader, usual) && reads(reader, shape) && reads(reader, usual), shape).toBe(true);
    }
    expect(quickly(taught(shapes[2]!), Buffer.from(shapes[2]!))?.clientOrderId).toBe("mine-1");
  });

  it("does not learn a shape whose meaning it could not keep", () => {
    const frames = [
      usual.replace(":", ": "),
      usual.replace("}}", ',"side":"no"}}'),
      usual.replace('"sid":1', '"sid":1,"sid":2'),
      usual.replace('"sid":1', '"id":7,"sid":1'),
      usual.replace('"sid":1,', ""),
      usual.replace(/,"ts":.*}}/, ',"time":"2026-11-22T07:35:01Z"}}'),
      usual.replace(/,"ts":.*}}/, ',"created_ts_ms":1795329089000}}'),
      usual.replace(/,"ts":.*}}/, ',"ts":1795329089}}'),
      usual.replace("}}", ',"extra":null}}'),
      usual.replace("}}", ',"extra":{"a":1}}}'),
      usual.replace("}}", ',"extra":-1}}'),
      usual.replace("}}", ',"client_order_id":null}}'),
      usual.replace("}}", ',"\\u0073ide":"no"}}'),
      usual.replace('"type":"orderbook_delta",', ""),
      "[]",
      "{}",
      "",
    ];
    for (const frame of frames) expect(reads(taught(frame), frame), frame).toBe(false);
  });

  it("says the same as the long way of frames that were changed anywhere, or nothing", () => {
    const shapes = [
      usual,
      usual.replace('"seq":12345,', '"seq":12345,"sending_ts_ms":1795329089005,'),
      usual.replace("}}", ',"client_order_id":"mine-1"}}'),
      usual.replace(',"ts_ms":1795329089000', ""),
    ];
    const readers = shapes.map((shape) => taught(shape));
    let read = 0;
    fc.assert(
      fc.property(fc.nat(shapes.length - 1), fc.array(change(), { minLength: 0, maxLength: 3 }), (index, changes) => {
        let bytes = Buffer.from(shapes[index]!);
        for (const one of changes) bytes = changed(bytes, one);
        const quick = quickly(readers[index]!, bytes);
        if (quick === null) return;
        read += 1;
        expect(quick).toEqual(strictly(bytes));
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(2_000);
  });

  it("reads every frame of a learned shape whatever its values are", () => {
    const decimal = (decimals: number) =>
      fc
        .tuple(fc.boolean(), fc.nat(9_999_999), fc.nat(decimals), fc.nat(999_999))
        .map(([minus, whole, places, rest]) =>
          places === 0
            ? `${minus ? "-" : ""}${whole}`
            : `${minus ? "-" : ""}${whole}.${String(rest).padStart(6, "0").slice(0, places)}`,
        );
    const letter = fc.integer({ min: 32, max: 126 }).filter((code) => code !== 34 && code !== 92);
    const plainOf = (minLength: number, maxLength: number) =>
      fc.array(letter, { minLength, maxLength }).map((codes) => String.fromCharCode(...codes));
    const plain = plainOf(0, 60);
    const reader = taught(usual);
    fc.assert(
      fc.property(
        fc.record({
          sid: fc.nat(1_000),
          seq: fc.nat(Number.MAX_SAFE_INTEGER).map((seq) => seq % 1e15),
          market_ticker: fc.oneof(plainOf(8, 64), fc.constantFrom("KXTEST-26NOV22-T5.5", "KXTEST-26NOV22-T6.5")),
          market_id: fc.oneof(plain, fc.uuid()),
          price_dollars: decimal(6),
          delta_fp: decimal(2),
          side: fc.constantFrom("yes", "no"),
          ts: fc.oneof(plain, fc.constant("2026-11-22T07:35:01.5Z")),
          ts_ms: fc.oneof(fc.integer({ min: 1_795_329_089_000, max: 1_795_329_999_000 }), fc.nat(999_999_999)),
        }),
        ({ sid, seq, ...msg }) => {
          expect(reads(reader, `${JSON.stringify({ type: "orderbook_delta", sid, seq, msg })}\n`)).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("goes on after more tickers than it remembers", () => {
    const reader = taught(usual);
    for (let market = 0; market < 40_000; market += 1) {
      const ticker = `KXMANY-${market * 7919}`;
      if (!reader.read(Buffer.from(usual.replace("KXTEST-26NOV22-T5.5", ticker)), 0, usual.length - 19 + ticker.length))
        throw new Error(`not read: ${ticker}`);
      if (reader.ticker !== ticker) throw new Error(`${reader.ticker} for ${ticker}`);
    }
    expect(reads(reader, usual)).toBe(true);
  });
});

type Change =
  | { readonly kind: "set" | "insert" | "digit"; readonly at: number; readonly byte: number }
  | { readonly kind: "delete" | "cut"; readonly at: number; readonly count: number }
  | { readonly kind: "copy"; readonly at: number; readonly to: number; readonly count: number };

function change(): fc.Arbitrary<Change> {
  const at = fc.nat(400);
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789.-"\\{}[],: \n')));
  const count = fc.integer({ min: 1, max: 12 });
  return fc.oneof(
    { arbitrary: fc.record({ kind: fc.constantFrom("set", "insert"), at, byte }), weight: 3 },
    { arbitrary: fc.record({ kind: fc.constant("digit"), at, byte: fc.integer({ min: 48, max: 57 }) }), weight: 6 },
    { arbitrary: fc.record({ kind: fc.constantFrom("delete", "cut"), at, count }), weight: 2 },
    fc.record({ kind: fc.constant("copy"), at, to: at, count }),
  );
}

function changed(bytes: Buffer<ArrayBuffer>, one: Change): Buffer<ArrayBuffer> {
  const at = one.at % (bytes.length + 1);
  const before = bytes.subarray(0, at);
  switch (one.kind) {
    case "set":
      return Buffer.concat([before, Buffer.from([one.byte]), bytes.subarray(at + 1)]);
    case "digit": {
      // The next digit becomes another, as between frames that are all well.
      const next = bytes.findIndex((byte, index) => index >= at && byte >= 48 && byte <= 57);
      return next < 0
        ? bytes
        : Buffer.concat([bytes.subarray(0, next), Buffer.from([one.byte]), bytes.subarray(next + 1)]);
    }
    case "insert":
      return Buffer.concat([before, Buffer.from([one.byte]), bytes.subarray(at)]);
    case "delete":
      return Buffer.concat([before, bytes.subarray(at + one.count)]);
    case "cut":
      return Buffer.from(before);
    case "copy":
      return Buffer.concat([before, bytes.subarray(one.to, one.to + one.count), bytes.subarray(at + one.count)]);
  }
}
