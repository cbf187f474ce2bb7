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
import { listStrands } from "./strands.js";

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
 * Lines have no place for connections that were held at the same time: these follow one another, each from its start to its end.
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

async function* pieces(
  dir: string,
  ask: ExportFramesAsk,
  counts: { frames: number; notes: number; damaged: number },
): AsyncGenerator<string> {
  for (const strand of await listStrands(dir)) yield* piecesOf(strand.dir, ask, counts);
}

async function* piecesOf(
  dir: string,
  ask: ExportFramesAsk,
  counts: { frames: number; notes: number; damaged: number },
): AsyncGenerator<string> {
  const tickers = ask.tickers === undefined ? null : new Set(ask.tickers);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = ask;
  let last: Timestamp = 0;
  for await (const part of readSegments(dir)) {
    if (ask.signal?.aborted === true) {
      throw new KalshiError("INTERRUPTED", "interrupted while frames were written", { hint: "run it again" });
    }
    let piece = "";
    if (part.type === "damaged") {
      counts.damaged += 1;
      piece = `${holeLine(last, part.bytes)}\n`;
    } else {
      for (const entry of part.entries) {
        last = entry.time;
        const isFrame = entry.kind !== entryKind.mark;
        if (isFrame && (entry.time < from || entry.time >= to || !isWanted(entry, tickers))) continue;
        const line = writeLine(entry);
        if (line === null) continue;
        counts[isFrame ? "frames" : "notes"] += 1;
        piece += `${line}\n`;
      }
    }
    if (piece !== "") yield piece;
  }
}

/** Frames that cannot be read any more are missing there as here. */
function holeLine(at: Timestamp, bytes: number): string {
  const hole = { ctl: "hole", from: at, to: at, frames: 0, bytes, reason: "DAMAGED" };
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
