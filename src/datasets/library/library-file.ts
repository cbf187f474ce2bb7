import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { KalshiError, messageOf } from "../../errors.js";
import { writeFileAtomic } from "../../store/atomic-file.js";
import { isMissing } from "../../store/checkpoint.js";
import { LIBRARY_FORMAT } from "./partition-manifest.js";
import type { VanishedRows } from "./vanished.js";

/** What a sync keeps up to date: a kind, of a series where it is no record of the account. */
export interface Subject {
  readonly kind: string;
  readonly series: string | null;
  /** Minutes, of candlesticks. */
  readonly period: number | null;
  /** Nothing older is kept, RFC 3339; null for all there is. */
  readonly from: string | null;
}

/** How far a subject has come. */
export interface SubjectState {
  /** Everything before was asked; null before the first time, RFC 3339. */
  readonly through: string | null;
  /**
   * Markets whose trades do not add up to the volume that the exchange tells, and how often they came to the same. Twice the same is taken for
   * the truth.
   */
  readonly odd: Readonly<Record<string, OddMarket>>;
  /** Why not all of it is there, though it was asked; left out when nothing is known against it. */
  readonly why?: string | undefined;
  /** What the exchange itself has lost of it, which no later question brings. */
  readonly lost?: string | undefined;
  /** Records that are in the library, and that the exchange does not tell any more; left out where there are none. */
  readonly vanished?: VanishedRows | undefined;
}

export interface OddMarket {
  readonly volume: number;
  readonly counted: number;
  readonly asked: number;
}

/** What a library is of: `_library.json`. */
export interface LibraryFile {
  readonly format: typeof LIBRARY_FORMAT;
  /** The exchange that everything in it comes from. */
  readonly exchange: string;
  /** The account that its own records belong to; null while there are none. */
  readonly account: string | null;
  readonly subjects: readonly Subject[];
}

const NAME = "_library.json";

export function isLibrary(dir: string): boolean {
  return readLibrary(dir) !== null;
}

/** @throws KalshiError `FILE_UNREADABLE` */
export function readLibrary(dir: string): LibraryFile | null {
  const found = readJson(join(dir, NAME)) as LibraryFile | null;
  if (found === null || found.format === LIBRARY_FORMAT) return found;
  throw new KalshiError("FILE_UNREADABLE", `${join(dir, NAME)} is of another version of this library`, {
    hint: "update kalshi-lab, or name another folder with --library",
    context: { dir },
  });
}

export async function writeLibrary(dir: string, file: Omit<LibraryFile, "format">): Promise<void> {
  await writeFileAtomic(join(dir, NAME), `${JSON.stringify({ format: LIBRARY_FORMAT, ...file }, null, 2)}\n`);
}

/** @throws KalshiError `FILE_UNREADABLE` */
export function readState(dir: string, subject: Subject): SubjectState {
  return (readJson(statePath(dir, subject)) as SubjectState | null) ?? { through: null, odd: {} };
}

export async function writeState(dir: string, subject: Subject, state: SubjectState): Promise<void> {
  await writeFileAtomic(statePath(dir, subject), `${JSON.stringify(state)}\n`);
}

/** Removes what is known of a kind of a series, of all periods. */
export async function removeStates(dir: string, { kind, series }: Pick<Subject, "kind" | "series">): Promise<void> {
  for (const period of [null, 1, 60, 1440])
    await rm(statePath(dir, { kind, series, period, from: null }), { force: true });
}

function statePath(dir: string, { kind, series, period }: Subject): string {
  const name = [kind, ...(period === null ? [] : [period]), ...(series === null ? [] : [series])].join(" ");
  return join(dir, "_state", `${encodeURIComponent(name)}.json`);
}

/** @throws KalshiError `FILE_UNREADABLE` */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (isMissing(error)) return null;
    throw new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(error)}`, {
      hint: "restore it from a copy; or move the folder away and sync into a new one",
      context: { path },
      cause: error,
    });
  }
}
