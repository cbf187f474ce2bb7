/** Where a page ended: the sort key of its last row. A position, not a snapshot. */
export interface Position {
  readonly time: number;
  readonly id: string;
}

/** A position as the opaque text of an answer: base64url without padding. */
export function encodeCursor(position: Position): string {
  return Buffer.from(`${position.time} ${position.id}`, "utf8").toString("base64url");
}

/** Reads a cursor; undefined where it is absent or unreadable, for the exchange then answers the first page. */
export function decodeCursor(text: string | null): Position | undefined {
  if (text === null || text === "") return undefined;
  const parts = /^(-?\d{1,16}) (.+)$/s.exec(Buffer.from(text, "base64url").toString("utf8"));
  if (parts === null) return undefined;
  const position = { time: Number(parts[1]), id: parts[2] as string };
  // Buffer skips what is not base64; only a text that comes back unchanged was one of ours.
  return encodeCursor(position) === text ? position : undefined;
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
