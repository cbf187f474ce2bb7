import { readLibrary, readState, type Subject } from "./library-file.js";
import { countVanished, noneVanished, type VanishedRows } from "./vanished.js";

/** What of a subject a library has that the exchange does not tell any more. */
export interface VanishedOf extends Pick<Subject, "kind" | "series"> {
  readonly rows: VanishedRows;
}

/** Those of a library. @param kind - of this one alone */
export function vanishedIn(library: string, kind?: string): readonly VanishedOf[] {
  const subjects = (readLibrary(library)?.subjects ?? []).filter((one) => kind === undefined || one.kind === kind);
  return subjects
    .map((subject) => ({ kind: subject.kind, series: subject.series, rows: rowsOf(library, subject) }))
    .filter(({ rows }) => countVanished(rows) > 0);
}

function rowsOf(library: string, subject: Subject): VanishedRows {
  try {
    return readState(library, subject).vanished ?? noneVanished;
  } catch {
    // A state that cannot be read is told as what is not complete.
    return noneVanished;
  }
}
