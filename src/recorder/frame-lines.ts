import { randomUUID } from "node:crypto";
import { KalshiError } from "../errors.js";
import { type Entry, entryKind } from "../store/segment.js";
import type { Timestamp } from "../units/time.js";
import { type ConnectMark, isMark } from "./marks.js";

/**
 * Frames as lines of JSON, to be exchanged with others: `{"t": receive time in ns, "f": frame}`, the frame as text, or as JSON, of which the
 * line's own characters are kept; what is no text as `{"t","b64","binary"}`; what a recorder notes as `{"t","ctl": kind, …}`. Where several
 * connections were held at the same time each line of another than the first has its number, `"c": 2`, behind the time.
 */
export function writeLine(entry: Entry, strand = 0): string | null {
  const t = strand === 0 ? timeText(entry) : `${timeText(entry)},"c":${strand + 1}`;
  if (entry.kind !== entryKind.mark) {
    const isBinary = entry.kind === entryKind.binary;
    const text = isBinary ? null : textOf(entry.body);
    if (text !== null) return `{"t":${t},"f":${JSON.stringify(text)}}`;
    return `{"t":${t},"b64":"${entry.body.toString("base64")}","binary":${isBinary}}`;
  }
  const mark = JSON.parse(entry.body.toString("utf8")) as Readonly<Record<string, unknown>>;
  const { mark: kind, ...rest } = mark;
  // Where a segment begins is nothing that came.
  if (kind === "continue") return null;
  const note = kind === "note" ? rest : { ctl: kind, ...rest };
  return `{"t":${t},${JSON.stringify(note).slice(1)}`;
}

/** Connections that a file of lines may have at the same time. */
const MOST_STRANDS = 1_000;

/** One line read: an entry of a recording. */
export interface ReadLine {
  readonly kind: number;
  readonly time: Timestamp;
  readonly nanos: number;
  readonly body: Buffer;
  /** Place, from 0, among the connections that were held at the same time. */
  readonly strand: number;
  /** Set where a connection begins. */
  readonly connect: ConnectMark | null;
}

/** Reads a line. @throws KalshiError `BAD_LINE` */
export function readLine(line: string, where: { readonly path: string; readonly line: number }): ReadLine {
  const bad = (what: string): KalshiError =>
    new KalshiError("BAD_LINE", `${where.path}, line ${where.line}: ${what}`, {
      hint: 'a line is {"t": receive time in ns, "f": frame}, or {"t", "ctl": "connect", "use_yes_price": false} for a new connection',
      context: { ...where },
    });
  const parts = partsOf(line);
  if (parts === null) throw bad("it is no JSON object");
  const [time, nanos] = readNanos(parts.get("t")) ?? [];
  if (time === undefined || nanos === undefined) throw bad("`t` is no time in nanoseconds since 1970");
  const strand = readStrand(parts.get("c"));
  if (strand === null) throw bad(`\`c\` is no number of a connection, from 1 to ${MOST_STRANDS}`);
  const frame = parts.get("f");
  if (frame !== undefined) {
    // The text of a frame, or JSON that is kept as it stands.
    const body = Buffer.from(frame.startsWith('"') ? String(JSON.parse(frame)) : frame);
    return { kind: entryKind.text, time, nanos, body, strand, connect: null };
  }
  const raw = JSON.parse(line) as Readonly<Record<string, unknown>>;
  if (typeof raw.b64 === "string") {
    const kind = raw.binary === false ? entryKind.text : entryKind.binary;
    return { kind, time, nanos, body: Buffer.from(raw.b64, "base64"), strand, connect: null };
  }
  if (typeof raw.ctl !== "string") throw bad("it has neither `f` nor `ctl`");
  if (raw.ctl === "connect" && typeof raw.use_yes_price !== "boolean") {
    throw bad("`use_yes_price` of a connection must be true or false: it tells whether its NO levels stand in YES prices");
  }
  const mark = markOf(raw);
  const connect = isMark(mark) && mark.mark === "connect" ? mark : null;
  return { kind: entryKind.mark, time, nanos, body: Buffer.from(JSON.stringify(mark)), strand, connect };
}

/** What a line says beside the frames: a mark of a recorder where it is one, else a note that is kept. */
function markOf(raw: Readonly<Record<string, unknown>>): unknown {
  const { t: _, c: __, ctl, ...rest } = raw;
  if (ctl === "connect") {
    const { id, use_yes_price, tickers, channels, ...more } = rest;
    const texts = (list: unknown) =>
      Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
    return {
      mark: "connect",
      id: typeof id === "string" ? id : randomUUID(),
      use_yes_price: use_yes_price === true,
      tickers: texts(tickers),
      channels: texts(channels),
      ...more,
    };
  }
  const mark = { mark: ctl, ...rest };
  return isMark(mark) ? mark : { mark: "note", ctl, ...rest };
}

function timeText({ time, nanos }: Entry): string {
  return String(BigInt(time) * 1_000n + BigInt(nanos));
}

/** Place of a connection from its number, which may be left out of the first one's; null where it is none. */
function readStrand(text: string | undefined): number | null {
  if (text === undefined) return 0;
  const number = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= MOST_STRANDS ? number - 1 : null;
}

/** Microseconds and the nanoseconds below, from digits that may be too many for a double. */
function readNanos(text: string | undefined): readonly [Timestamp, number] | null {
  const digits = text === undefined ? null : /^"?(-?\d{1,19})"?$/.exec(text)?.[1];
  if (digits === undefined || digits === null) return null;
  const t = BigInt(digits);
  const nanos = ((t % 1_000n) + 1_000n) % 1_000n;
  return [Number((t - nanos) / 1_000n), Number(nanos)];
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text; null where they are none. */
function textOf(body: Buffer): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

/** The values of an object's own keys, as they stand in the line; null where it is no JSON object. */
function partsOf(line: string): ReadonlyMap<string, string> | null {
  try {
    const raw: unknown = JSON.parse(line);
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return null;
  } catch {
    return null;
  }
  // It is well-formed, so that only strings and depth have to be minded.
  const parts = new Map<string, string>();
  let depth = 0;
  let start = -1;
  let key: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (character === '"') {
      const end = endOfString(line, at);
      if (depth === 1 && key === null) key = JSON.parse(line.slice(at, end)) as string;
      at = end - 1;
    } else if (character === ":" && depth === 1 && start < 0) start = at + 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    const isEnd = depth === 0 ? character === "}" : depth === 1 && character === ",";
    if (!isEnd || key === null) continue;
    parts.set(key, line.slice(start, at).trim());
    key = null;
    start = -1;
  }
  return parts;
}

/** Where a string that begins at a quote ends, behind its closing quote. */
function endOfString(line: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = line.indexOf('"', at);
    let slashes = 0;
    while (line.charCodeAt(quote - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
