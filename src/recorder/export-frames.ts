import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { KalshiError } from "../errors.js";
import { parseEnvelope } from "../exchange/channel.js";
import { replaceFile, temporaryBeside, writeError } from "../store/atomic-file.js";
import { type Entry, entryKind } from "../store/segment.js";
import { readSegments } from "../store/segment-reader.js";
import type { Timestamp } from "../units/time.js";
import { writeLine } from "./frame-lines.js";
import { interleaved, listStrands, type Strand } from "./strands.js";

export interface ExportFramesAsk {
  /** Receive time, included. What a recorder notes is kept of all times: it tells how the frames are to be read. */
  readonly from?: Timestamp | undefined;
  /** Receive time, not included. */
  readonly to?: Timestamp | undefined;
  /** Frames of these markets, and those that belong to none. Default: all. */
  readonly tickers?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was written. */
export interface ExportedFrames {
  readonly path: string;
  readonly frames: number;
  /** Lines with `ctl`: connections, holes, notes. */
  readonly notes: number;
  /** Places where the recording is damaged; in each stands a `ctl` line `hole`. */
  readonly damaged: number;
}

/**
 * Writes a recording's frames as lines of JSON, which {@link importFrames} makes the same recording of: compressed by gzip where the path
 * ends in `.gz`. Line by line, however long it is.
 *
 * Lines of connections that were held at the same time stand by their time, each with its connection's number.
 *
 * With `tickers` the numbers of the others' frames are missing, and books made of it are in a gap; the lines are for other programs then.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_FORMAT`, `DISK_FULL`, `WRITE_FAILED`, `INTERRUPTED`; an older file is then
 * as it was
 */
export async function exportFrames(dir: string, path: string, ask: ExportFramesAsk = {}): Promise<ExportedFrames> {
  const temporary = temporaryBeside(path);
  const counts = { frames: 0, notes: 0, damaged: 0 };
  try {
    await mkdir(dirname(path), { recursive: true });
    const lines = Readable.from(pieces(dir, ask, counts));
    const file: WriteStream = createWriteStream(temporary);
    if (/\.gz$/i.test(path)) await pipeline(lines, createGzip(), file);
    else await pipeline(lines, file);
    await replaceFile(temporary, path);
    return { path, ...counts };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
}

/** A line, and when it was received. */
interface Line {
  readonly time: Timestamp;
  readonly text: string;
}

async function* pieces(
  dir: string,
  ask: ExportFramesAsk,
  counts: { frames: number; notes: number; damaged: number },
): AsyncGenerator<string> {
  const strands = (await listStrands(dir)).map((strand) => linesOf(strand, ask, counts));
  for await (const { items } of interleaved(strands, ({ time }) => time))
    yield items.map(({ text }) => `${text}\n`).join("");
}

/** The lines of one connection after another, in batches that are not empty. */
async function* linesOf(
  { dir, place }: Strand,
  ask: ExportFramesAsk,
  counts: { frames: number; notes: number; damaged: number },
): AsyncGenerator<readonly Line[]> {
  const tickers = ask.tickers === undefined ? null : new Set(ask.tickers);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = ask;
  let last: Timestamp = 0;
  for await (const part of readSegments(dir)) {
    if (ask.signal?.aborted === true) {
      throw new KalshiError("INTERRUPTED", "interrupted while frames were written", { hint: "run it again" });
    }
    const lines: Line[] = [];
    if (part.type === "damaged") {
      counts.damaged += 1;
      lines.push({ time: last, text: holeLine(last, part.bytes, place) });
    } else {
      for (const entry of part.entries) {
        last = entry.time;
        const isFrame = entry.kind !== entryKind.mark;
        if (isFrame && (entry.time < from || entry.time >= to || !isWanted(entry, tickers))) continue;
        const text = writeLine(entry, place);
        if (text === null) continue;
        counts[isFrame ? "frames" : "notes"] += 1;
        lines.push({ time: entry.time, text });
      }
    }
    if (lines.length > 0) yield lines;
  }
}

/** Frames that cannot be read any more are missing there as here. */
function holeLine(at: Timestamp, bytes: number, strand: number): string {
  const connection = strand === 0 ? {} : { c: strand + 1 };
  const hole = { ...connection, ctl: "hole", from: at, to: at, frames: 0, bytes, reason: "DAMAGED" };
  return `{"t":${at}000,${JSON.stringify(hole).slice(1)}`;
}

function isWanted(entry: Entry, tickers: ReadonlySet<string> | null): boolean {
  if (tickers === null) return true;
  const msg = messageOf(entry);
  if (typeof msg !== "object" || msg === null) return true;
  const { market_ticker, ticker } = msg as Readonly<Record<string, unknown>>;
  const own = market_ticker ?? ticker;
  return typeof own !== "string" || tickers.has(own);
}

/** What a frame says, or undefined where it cannot be read. */
function messageOf({ body }: Entry): unknown {
  try {
    return parseEnvelope(body.toString("utf8")).msg;
  } catch {
    return undefined;
  }
}
