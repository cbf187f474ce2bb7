import { existsSync } from "node:fs";
import { KalshiError } from "../../errors.js";
import { readSelection } from "../../history/selection.js";
import { writeFileAtomic } from "../../store/atomic-file.js";
import { type Dataset, datasetsIn } from "./datasets-in.js";
import { dropNotePath, endDrop } from "./ended-drop.js";
import { libraryKind } from "./kinds.js";
import { isLibrary } from "./library-file.js";
import { type LockOptions, lockLibrary } from "./lock-library.js";
import { isOf } from "./partition.js";
import { libraryFolder } from "./place.js";
import { keptStaging, makeStaging, recover } from "./staging.js";

export interface DropAsk extends LockOptions {
  /** Folder of the library. Default: `KALSHI_LIBRARY_DIR`, else `datasets` in the working folder. */
  readonly library?: string | undefined;
  /** Series (ids or links) to drop. */
  readonly series?: string | readonly string[] | undefined;
  /** Default: all that there is of the series. Without series: fills, settlements. */
  readonly kinds?: readonly string[] | undefined;
}

export interface Dropped {
  readonly library: string;
  /** What is gone, as it was. */
  readonly dropped: readonly Dataset[];
}

/**
 * Removes kinds of datasets, or series, from a library, and keeps them up to date no more. Stopped at any moment all of it is still there, or
 * whoever works on the library next removes the rest.
 *
 * @throws KalshiError `FILE_NOT_FOUND` where there is no library, `BAD_ARGUMENT` for what it has not or what the rest needs, `FOLDER_LOCKED`,
 * `INTERRUPTED`, `DISK_FULL`, `WRITE_FAILED`
 */
export async function dropFromLibrary(ask: DropAsk): Promise<Dropped> {
  const library = libraryFolder(ask.library, process.env);
  const series = ask.series === undefined ? null : readSelection({ series: ask.series }, 0).series;
  if (series === null && ask.kinds === undefined)
    throw bad("drop what?", "name series (`--series KXFED`), or kinds of the account (`--kinds fills,settlements`)");
  const ofSeries = (ask.kinds ?? []).filter((kind) => libraryKind(kind).bySeries);
  if (series === null && ofSeries.length > 0)
    throw bad(`${ofSeries.join(", ")} of what?`, "name series: `--series KXFED`");
  requireLibrary(library);
  const lock = await lockLibrary(library, ask);
  try {
    await recover(library, keptStaging(library));
    const all = await datasetsIn(library);
    const dropped = chosen(library, all, series, ask.kinds);
    refuseNeeded(all, dropped);
    await makeStaging(library);
    const groups = dropped.map(({ kind, series: of }) => ({ kind, series: of }));
    // From here on it is to be gone: whoever comes after a kill goes on with it.
    await writeFileAtomic(dropNotePath(library), JSON.stringify({ groups }));
    await endDrop(library);
    return { library, dropped };
  } finally {
    lock.release();
  }
}

/** @throws KalshiError `FILE_NOT_FOUND` */
export function requireLibrary(library: string): void {
  if (existsSync(library) && isLibrary(library)) return;
  throw new KalshiError("FILE_NOT_FOUND", `there is no library in ${library}`, {
    hint: "`kalshi-lab sync` makes one; --library names its folder",
    context: { library },
  });
}

function chosen(
  library: string,
  all: readonly Dataset[],
  series: readonly string[] | null,
  kinds: readonly string[] | undefined,
): readonly Dataset[] {
  const found = all.filter(
    (one) =>
      (series === null ? one.series === null : one.series !== null && series.includes(one.series)) &&
      (kinds?.includes(one.kind) ?? true),
  );
  const missing = [
    ...(series ?? []).filter((name) => !found.some((one) => one.series === name)),
    ...(kinds ?? []).filter((kind) => !found.some((one) => one.kind === kind)),
  ];
  if (missing.length === 0) return found;
  const held = [...new Set(all.map((one) => one.series ?? one.kind))].join(", ");
  throw bad(`${library} has no ${missing.join(", ")}`, `it has ${held === "" ? "nothing" : held}`);
}

/** What of a series is to be asked goes by its markets. */
function refuseNeeded(all: readonly Dataset[], dropped: readonly Dataset[]): void {
  for (const { series } of dropped.filter(({ kind }) => kind === "markets")) {
    const rest = all.filter((one) => one.series === series && !dropped.some((gone) => isOf(one, gone)));
    if (rest.length > 0)
      throw bad(
        `${rest.map(({ kind }) => kind).join(", ")} of ${series} go by its markets`,
        "drop all of the series: leave --kinds out",
      );
  }
}

function bad(message: string, hint: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", message, { hint });
}
