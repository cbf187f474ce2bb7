/** Where a page ended: the sort key of its last row. A position, not a snapshot. */
export interface Position {
  readonly time: number;
  readonly id: string;
}

/** Microseconds of a second, and nanoseconds of a microsecond. */
const MICROS = 1_000_000n;
const NANOS = 1_000n;

/** First bytes of the fields of the message below. */
const tags = { key: 0x12, id: 0x0a, stamp: 0x1a, seconds: 0x08, nanos: 0x10 } as const;

/**
 * A position as the opaque text of an answer: base64url without padding of a small protobuf message, of which field 2 has the id and
 * field 3 the time in seconds and nanoseconds.
 */
export function encodeCursor({ time, id }: Position): string {
  const micros = BigInt(time);
  const rest = ((micros % MICROS) + MICROS) % MICROS;
  const stamp = [tags.seconds, ...varint((micros - rest) / MICROS), tags.nanos, ...varint(rest * NANOS)];
  const key = withLength(tags.id, Buffer.from(id, "utf8"));
  return Buffer.from([...withLength(tags.key, key), ...withLength(tags.stamp, stamp)]).toString("base64url");
}

/** Reads a cursor; undefined where it is absent or unreadable, for the exchange then answers the first page. */
export function decodeCursor(text: string | null): Position | undefined {
  if (text === null || text === "") return undefined;
  const position = readPosition(Buffer.from(text, "base64url"));
  // Buffer skips what is not base64, and lengths that do not fit were not looked at: only a text that comes back unchanged was one of ours.
  return position !== undefined && encodeCursor(position) === text ? position : undefined;
}

function readPosition(bytes: Buffer): Position | undefined {
  let at = 0;
  /** The number behind the next tag, whatever tag that is. */
  const next = (): bigint => {
    let value = 0n;
    at += 1;
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at] as number;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80 || shift > 63n) break;
    }
    return value;
  };
  next();
  const length = Number(next());
  if (length === 0 || length > bytes.length - at) return undefined;
  const id = bytes.toString("utf8", at, at + length);
  at += length;
  next();
  const time = BigInt.asIntN(64, next()) * MICROS + next() / NANOS;
  return time >= Number.MIN_SAFE_INTEGER && time <= Number.MAX_SAFE_INTEGER ? { time: Number(time), id } : undefined;
}

function withLength(tag: number, content: Iterable<number> & { readonly length: number }): readonly number[] {
  return [tag, ...varint(BigInt(content.length)), ...content];
}

/** Seven bits a byte, the lowest first, as protobuf writes whole numbers. */
function varint(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  return [...bytes, Number(left)];
}

/** One page of rows that come with a row too many when there are more: the rows to send and the cursor to send with them. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): { readonly rows: readonly Row[]; readonly cursor: string } {
  if (rows.length <= limit) return { rows, cursor: "" };
  const page = rows.slice(0, limit);
  return { rows: page, cursor: encodeCursor(positionOf(page.at(-1) as Row)) };
}

/** Rows latest first, ties by id descending, from behind a cursor on: the order of every list that is not of trades. */
export function latestFirst<Row>(
  rows: readonly Row[],
  positionOf: (row: Row) => Position,
  cursor: Position | undefined,
): readonly Row[] {
  const keyed = rows.map((row) => ({ row, ...positionOf(row) })).sort(compare);
  return keyed.filter((entry) => cursor === undefined || compare(cursor, entry) < 0).map(({ row }) => row);
}

function compare(a: Position, b: Position): number {
  if (a.time !== b.time) return b.time - a.time;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
