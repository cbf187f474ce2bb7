import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError, systemCode } from "../errors.js";
import { type Kept, keepRows, readKept, readKeptLines } from "../store/kept-file.js";
import { sparingFiles } from "../store/open-files.js";
import { systemClock, type Timestamp } from "../units/time.js";
import type { KeptKind, Subject } from "./cache-subject.js";
import { OVERLAP } from "./cutoff.js";
import { ALWAYS, boundsOf, type Span, spanFrom } from "./spans.js";

export const ENDING = ".kept";
/** What a file is called once it was found to be another than was written. */
export const DAMAGED = ".damaged";

/** One file of rows. */
export interface KeptFile extends Subject {
  readonly path: string;
  readonly exchange: string;
  /** What is completely known. */
  readonly span: Span;
  /** Which cutoff stood when it was asked. */
  readonly cutoff: Timestamp;
  /** Nothing of it can change any more. */
  readonly closed: boolean;
  readonly fetched: Timestamp;
  readonly rows: number;
}

/** What is said of rows that are to be kept, as {@link KeptFile} has it. */
export type Known = Pick<KeptFile, "span" | "cutoff" | "closed">;

const NOTHING: Span = { from: 0, to: 0 };

/** What of a file may be relied on under the cutoff that stands now, null when that is not known; an empty span is nothing. */
export function trusted(file: KeptFile, cutoff: Timestamp | null): Span {
  // A list of markets is asked whole, so that a part of one is of no use.
  if (file.kind === "markets" && (Number.isFinite(file.span.from) || Number.isFinite(file.span.to))) return NOTHING;
  if (file.closed) return file.span;
  // What has only just been archived may still be on its way from one tier to the other. Whoever asks by the same cutoff reads the last day
  // of the live tier as well, and misses nothing; once the cutoff has moved on, that day is asked again.
  const same = cutoff === file.cutoff;
  if (file.kind !== "trades") return same ? file.span : NOTHING;
  const sure = same ? file.cutoff : file.cutoff - OVERLAP;
  return { from: file.span.from, to: Math.min(file.span.to, sure) };
}

/** The files of one exchange in a folder, a folder for each subject. Nothing here fails a question: what cannot be read or written is left out. */
export class Shelf {
  readonly dir: string;
  readonly exchange: string;
  #full = false;

  constructor(dir: string, exchange: string) {
    this.dir = dir;
    this.exchange = exchange;
  }

  /** What is kept of a subject. */
  async files(subject: Subject): Promise<readonly KeptFile[]> {
    const folder = this.#folder(subject);
    const found = await Promise.all((await namesIn(folder)).map((name) => readKeptFile(join(folder, name))));
    // Two subjects whose names a file system cannot tell apart are told apart here.
    return found.filter((file) => file !== null).filter((file) => this.#isOf(file, subject));
  }

  /** The rows of a file as lines of JSON; null when it is gone or damaged. */
  async lines(file: KeptFile): Promise<readonly string[] | null> {
    const lines = await readKeptLines(file.path);
    if (lines === "damaged") await setAside(file.path);
    return typeof lines === "string" ? null : lines;
  }

  /** Keeps rows; the path of their file, or null where they could not be kept, for whatever reason. */
  async put(subject: Subject, known: Known, lines: readonly string[]): Promise<string | null> {
    if (this.#full) return null;
    const { kind, key, interval } = subject;
    const name = `${systemClock.now()}-${randomBytes(6).toString("hex")}${ENDING}`;
    const path = join(this.#folder(subject), name);
    const about = {
      ...{ kind, key, interval, exchange: this.exchange, ...boundsOf(known.span) },
      ...{ cutoff: known.cutoff, closed: known.closed, fetched: systemClock.now() },
    };
    try {
      await keepRows(path, about, lines);
      return path;
    } catch (error) {
      // A folder that is full or may not be written to is left alone from now on. Anything else, such as rows longer than a text can be,
      // is about these rows only. Either way the download goes on without.
      this.#full ||= error instanceof KalshiError;
      return null;
    }
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => undefined);
  }

  #folder({ kind, key, interval }: Subject): string {
    const name = interval === null ? key : `${key}=${interval}`;
    return join(this.dir, folderName(this.exchange), kind, folderName(name === "" ? "all" : name));
  }

  #isOf(file: KeptFile, { kind, key, interval }: Subject): boolean {
    return file.exchange === this.exchange && file.kind === kind && file.key === key && file.interval === interval;
  }
}

/** What a kept file says of itself; null when it is gone, or damaged and then set aside. */
export async function readKeptFile(path: string): Promise<KeptFile | null> {
  const kept = await readKept(path);
  if (kept === "damaged") await setAside(path);
  return typeof kept === "string" ? null : keptFile(path, kept);
}

function keptFile(path: string, { about, rows }: Kept): KeptFile {
  const time = (name: string): Timestamp | null => (typeof about[name] === "number" ? about[name] : null);
  return {
    path,
    rows,
    kind: about.kind as KeptKind,
    key: String(about.key),
    interval: time("interval"),
    exchange: String(about.exchange),
    span: spanFrom({ from: time("from"), to: time("to") }),
    cutoff: time("cutoff") ?? ALWAYS.from,
    closed: about.closed === true,
    fetched: time("fetched") ?? 0,
  };
}

/** A damaged file is not read again, and `cache ls` tells of it. */
async function setAside(path: string): Promise<void> {
  await rename(path, `${path}${DAMAGED}`).catch(() => undefined);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await sparingFiles(() => readdir(folder))).filter((name) => name.endsWith(ENDING));
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return [];
  }
}

/** A name that every file system takes, different for different texts; what is long ends in a checksum. */
function folderName(text: string): string {
  const safe = text.replace(/[^A-Z0-9_=-]/g, (letter) => (/[a-z]/.test(letter) ? letter : "."));
  const plain = /^[A-Z0-9_=-]{1,100}$/.test(text);
  return plain ? safe : `${safe.slice(0, 60)}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
